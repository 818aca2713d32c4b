/** How small sources are written, and where the path for large ones begins. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";
import {
  allFormats,
  expose,
  type Format,
  prometheusText,
} from "../../../src/encode/mod.ts";
import {
  type Scrape,
  ScrapeCoordinator,
} from "../../../src/http/metrics/scrape_coordinator.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import {
  familyDesc,
  Labels,
  type ScrapeReport,
  type Source,
} from "../../../src/model/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import * as fc from "../../support/property.ts";
import { bytesOf, help, noise, registryOf, settled } from "../fixtures.ts";

type Coding = "gzip" | "deflate" | undefined;

const CODINGS: readonly Coding[] = [undefined, "gzip", "deflate"];

function setUp(source: Source, maxInFlight = 10) {
  const timers = new FakeTimers();
  const reports: ScrapeReport[] = [];
  const coordinator = new ScrapeCoordinator(source, {
    timeout: 8,
    maxInFlight,
    maxReaders: 10,
    keep: 1e9,
    clock: timers.clock, // stands still, so that no scrape ever yields
    timers,
    observer: { scraped: (report) => void reports.push(report) },
  });
  const scrape = (coding: Coding, format: Format = prometheusText) =>
    coordinator.scrape({ format, coding, names: undefined, seconds: 8 });
  return { scrape, reports, timers };
}

/** Returns the body of a scrape, decoded. */
async function decoded(scrape: Scrape): Promise<Uint8Array> {
  assert.ok(scrape.state === "whole" || scrape.state === "stream");
  const body = await bytesOf(new Response(scrape.body));
  if (scrape.coding === "gzip") return gunzipSync(body);
  return scrape.coding === "deflate" ? inflateSync(body) : body;
}

function assertSame(actual: Uint8Array, expected: Uint8Array, hint = "") {
  assert.equal(Buffer.compare(actual, expected), 0, hint);
}

/** A source without rows; it has `size.series` series at each collection. */
function growingSource(size: { series: number }): Source {
  const desc = familyDesc({
    name: "grows",
    type: "gauge",
    help,
    labelNames: ["n"],
  });
  return {
    descs: [desc],
    collect(sink) {
      if (!sink.family(desc)) return;
      for (let i = 0; i < size.series; i++) {
        sink.number(new Labels(desc.labelNames, [noise(i)]), i, 0);
      }
    },
  };
}

test("law: a source of any size is served with the bytes of expose()", async () => {
  const anySeries = fc.oneof(
    fc.nat({ max: 30 }),
    fc.integer({ min: 250, max: 260 }),
    fc.constantFrom(1500, 5000),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(anySeries, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...CODINGS),
      fc.constantFrom(...allFormats()),
      async (sizes, coding, format) => {
        const registry = createRegistry({ selfMetrics: false });
        const gauge = registry.gauge({ name: "x", help, labels: ["n"] });
        const { scrape, timers } = setUp(registry);
        for (const size of sizes) {
          for (let i = 0; i < size; i++) gauge.at(i).set(i / 8);
          const written = expose(registry, format);
          const served = await scrape(coding, format);
          assertSame(await decoded(served), written, format.id);
          gauge.remove({ n: 0 });
        }
        assert.equal(timers.pending, 0);
      },
    ),
    { numRuns: 30 },
  );
});

test("a source of 100 series is written whole, at once and without timers", async () => {
  const { scrape, reports, timers } = setUp(registryOf(100));
  for (const coding of CODINGS) {
    const pending = scrape(coding);
    assert.equal(timers.pending, 0);
    const { state } = await pending;
    assert.equal(state, "whole");
  }
  const { length } = expose(registryOf(100), prometheusText);
  assert.deepEqual(reports.map(({ bytes }) => bytes), [length, length, length]);
});

test("the deadline of a refresh keeps the process alive and is cancelled afterwards", async () => {
  const gate = Promise.withResolvers<void>();
  const source = {
    ...growingSource({ series: 1 }),
    refresh: () => gate.promise,
  };
  const { scrape, timers } = setUp(source);
  const served = scrape(undefined);
  await settled();
  assert.deepEqual([timers.pending, timers.holding], [1, 1]);
  gate.resolve();
  assert.equal((await served).state, "whole");
  assert.equal(timers.pending, 0);
});

test("a small source that has grown beyond 256 KiB is streamed", async () => {
  const size = { series: 10 };
  const source = growingSource(size);
  for (const coding of CODINGS) {
    const { scrape, reports, timers } = setUp(source);
    for (
      const [series, state] of [[10, "whole"], [20_000, "stream"]] as const
    ) {
      size.series = series;
      const expected = expose(source, prometheusText);
      const served = await scrape(coding);
      assert.equal(served.state, state);
      assertSame(await decoded(served), expected, coding);
      assert.equal(reports.at(-1)?.bytes, expected.length);
      assert.equal(reports.at(-1)?.outcome, "served");
      assert.equal(timers.pending, 0);
    }
  }
});

test("a scrape of a grown source is abandoned if its reader stops, and is not in flight", async () => {
  const parts = ["a", "b"].map(() => growingSource({ series: 20_000 }));
  const { scrape, reports, timers } = setUp(
    { descs: [], parts: [parts[0]!], collect() {} },
    1,
  );
  const served = await scrape(undefined);
  assert.ok(served.state === "stream");
  const other = await scrape("gzip");
  assert.ok(other.state === "stream");
  await other.body.cancel();
  timers.advance(8);
  assert.deepEqual(
    reports.map(({ outcome }) => outcome),
    ["abandoned", "abandoned"],
  );
  await assert.rejects(served.body.getReader().read(), /the reader paused/);
  const next = await scrape("gzip");
  assert.ok(next.state === "stream");
  await next.body.cancel();
});

test("a body of one packet is not compressed, whether its source is small or large", async () => {
  const registry = createRegistry({ selfMetrics: false });
  const gauge = registry.gauge({ name: "x", help, labels: ["n"] });
  const { scrape } = setUp(registry);
  for (let i = 0; i < 10; i++) gauge.at(i).set(i);
  const small = await scrape("gzip");
  assert.ok(small.state === "whole" && small.coding === undefined);
  // Rows remain when their series are removed.
  for (let i = 10; i < 1000; i++) gauge.at(i).set(i);
  for (let i = 10; i < 1000; i++) gauge.remove({ n: i });
  for (const coding of ["gzip", "deflate"] as const) {
    const sparse = await scrape(coding);
    assert.ok(sparse.state === "whole" && sparse.coding === undefined);
    assertSame(sparse.body, small.body);
  }
});

test("a source may cause another scrape of itself while it is collected", async () => {
  let scrapes = 0;
  const inner: Promise<Scrape>[] = [];
  const desc = familyDesc({ name: "x", type: "gauge", help });
  const { scrape } = setUp({
    descs: [desc],
    collect() {
      if (++scrapes < 5) inner.push(scrape(undefined));
    },
  });
  const outer = await scrape(undefined);
  assert.equal(scrapes, 1);
  assert.equal(await inner[0], outer);
});
