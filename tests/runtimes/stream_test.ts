/** Large bodies on real sockets: slow readers, and readers that vanish. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { expose, prometheusText } from "../../src/encode/mod.ts";
import {
  metricsHandler,
  type MetricsHandlerOptions,
} from "../../src/http/mod.ts";
import {
  familyDesc,
  Labels,
  type ScrapeObserver,
  type ScrapeReport,
  type Source,
} from "../../src/model/mod.ts";
import { rounds } from "../support/rounds.ts";
import { RUNTIME, serve } from "./server.ts";

/** More families than the buffers between two sockets can hold. */
const FAMILIES = rounds(400, 150);
const SERIES = 2000;

function setUp(options: MetricsHandlerOptions = {}) {
  const seen = { families: 0, reports: [] as ScrapeReport[] };
  const parts = Array.from({ length: FAMILIES }, (_, i) => family(i, seen));
  const source: Source = {
    descs: parts.flatMap(({ descs }) => descs),
    parts,
    collect: () => {},
  };
  const observer: ScrapeObserver = {
    scraped: (report) => void seen.reports.push(report),
  };
  const metrics = metricsHandler(source, { ...options, observer });
  return { seen, source, metrics };
}

/** A source of one family of about 100 KB. */
function family(index: number, seen: { families: number }): Source {
  const name = `family_${index}`;
  const desc = familyDesc({
    name,
    type: "gauge",
    help: "F.",
    labelNames: ["series"],
  });
  return {
    descs: [desc],
    collect(sink) {
      seen.families++;
      sink.family(desc);
      for (let i = 0; i < SERIES; i++) {
        sink.number(
          new Labels(desc.labelNames, [`${"x".repeat(20)}${i}`]),
          i,
          0,
        );
      }
    },
  };
}

/** Sends a request; resolves with the paused socket after the first bytes. */
function requestAndPause(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    });
    socket.once("error", reject);
    socket.once("data", () => {
      socket.pause();
      resolve(socket);
    });
  });
}

/** Polls until `condition` holds; fails after 20 seconds. */
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < end, "the condition never held");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test(
  `on the wire, ${RUNTIME} streams a large body completely`,
  { timeout: 120_000 },
  async () => {
    const { metrics, seen } = setUp();
    const server = serve(metrics);
    try {
      const plain = { "accept-encoding": "identity" };
      const whole = await fetch(server.url, { headers: plain });
      assert.equal(whole.headers.get("content-length"), null);
      assert.equal(whole.headers.get("content-encoding"), null);
      const text = await whole.text();
      const { source } = setUp();
      const written = new TextDecoder().decode(expose(source, prometheusText));
      assert.ok(text === written); // no message: it has 40 MB
      const gzip = { "accept-encoding": "gzip" };
      const squeezed = await fetch(server.url, { headers: gzip });
      assert.ok(await squeezed.text() === text); // decompressed by fetch
      await until(() => seen.reports.length === 2); // the last pull may come late
      const outcomes = seen.reports.map(({ outcome }) => outcome);
      assert.deepEqual(outcomes, ["served", "served"]);
      assert.equal(seen.reports[0]!.bytes, text.length);
    } finally {
      await server.stop();
    }
  },
);

test(
  `on the wire, ${RUNTIME} writes no faster than the client reads, and abandons a client that vanishes`,
  { timeout: 120_000 },
  async () => {
    const { seen, metrics } = setUp();
    const server = serve(metrics);
    try {
      const socket = await requestAndPause(server.port);
      // The scrape continues until the buffers are full, then it stops. If this
      // loop ends too early, the scrape has only written less.
      let before = -1;
      while (before !== seen.families) {
        before = seen.families;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok(seen.families < FAMILIES, `${seen.families} were written`);
      assert.equal(seen.reports.length, 0);
      socket.destroy();
      await until(() => seen.reports.length > 0);
      assert.equal(seen.reports[0]!.outcome, "abandoned");
      assert.ok(seen.families < FAMILIES);
    } finally {
      await server.stop();
    }
  },
);

test(
  `on the wire, ${RUNTIME} abandons a client that stops reading, and serves the next`,
  { timeout: 120_000 },
  async () => {
    const { seen, metrics } = setUp({ timeout: 0.3, maxInFlight: 1 });
    const server = serve(metrics);
    try {
      const socket = await requestAndPause(server.port);
      await until(() => seen.reports.length > 0);
      assert.equal(seen.reports[0]!.outcome, "abandoned");
      const next = await requestAndPause(server.port);
      next.destroy();
      socket.destroy();
      await until(() => seen.reports.length > 1);
      assert.notEqual(seen.reports[1]!.outcome, "refused");
    } finally {
      await server.stop();
    }
  },
);
