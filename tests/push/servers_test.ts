/** Exporters against collectors on real HTTP servers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemTimers, type Timers } from "../../src/base/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { serve } from "../runtimes/server.ts";
import { partialSuccess } from "../support/otlp_reader.ts";
import { namesOf, type Sent, sentBy, span } from "./fixtures.ts";
import { exporterTo } from "./loopback.ts";
import { give, numbersOf, range } from "./set_up.ts";

const timeout = 120_000;

/** Runs `work` against a collector that decodes requests and calls `answer`. */
async function collector(
  answer: (sent: Sent, nth: number) => Response,
  work: (port: number, sent: readonly Sent[]) => Promise<void>,
): Promise<void> {
  const sent: Sent[] = [];
  const server = serve(async ({ url, headers, body }) => {
    const request = await sentBy(url, { headers, body });
    sent.push(request);
    return answer(request, sent.length);
  });
  try {
    await work(server.port, sent);
  } finally {
    await server.stop();
  }
}

/**
 * Returns timers that run at once and record the delay, except for `real`, and for
 * those that only keep the process alive.
 */
function impatient(real: readonly number[]) {
  const waits: number[] = [];
  const timers: Timers = {
    ...systemTimers,
    after(seconds, work, options) {
      const isReal = real.includes(seconds) || options?.holds === true;
      if (!isReal) waits.push(seconds);
      return systemTimers.after(isReal ? seconds : 0, work, options);
    },
  };
  return { waits, timers };
}

test("spanExporter() does not retry status 500", {
  timeout,
}, async () => {
  await collector(
    () => new Response("failed", { status: 500 }),
    async (port, sent) => {
      const exporter = exporterTo(port);
      give(exporter, 1, 1000);
      assert.equal(await exporter.shutdown(30), true);
      assert.equal(exporter.stats().rejected, 1000);
      assert.deepEqual(numbersOf(sent), range(1, 1000));
    },
  );
});

test("spanExporter() honours Retry-After in seconds and as a date", {
  timeout,
}, async () => {
  const clock = new FakeClock(1_700_000_000);
  const answers = [
    { status: 429, headers: { "retry-after": "7" } },
    {
      status: 503,
      headers: { "retry-after": new Date(1_700_000_020_000).toUTCString() },
    },
    { status: 200 },
  ];
  await collector(
    (_sent, nth) => new Response(null, answers[nth - 1]!),
    async (port, sent) => {
      const { waits, timers } = impatient([60, 10]);
      const exporter = exporterTo(port, { clock, timers, interval: 1 });
      give(exporter, 1, 100);
      assert.equal(await exporter.shutdown(10), true);
      assert.equal(exporter.stats().exported, 100);
      assert.deepEqual(waits, [1, 7, 20]);
      assert.equal(sent.length, 3);
      assert.deepEqual(namesOf([sent[0]!]), namesOf([sent[2]!]));
    },
  );
});

test("spanExporter() counts a partial success and does not repeat it", {
  timeout,
}, async () => {
  await collector(({ headers }) => {
    const type = headers.get("content-type")!;
    return new Response(partialSuccess(3, type), {
      headers: { "content-type": type },
    });
  }, async (port, sent) => {
    for (const protocol of ["json", "protobuf"]) {
      const exporter = exporterTo(port, { protocol });
      give(exporter, 1, 10);
      assert.equal(await exporter.shutdown(10), true);
      const { exported, rejected } = exporter.stats();
      assert.deepEqual([exported, rejected], [7, 3], protocol);
    }
    assert.equal(sent.length, 2, "nothing is sent again");
  });
});

test("spanExporter() compresses long bodies only", {
  timeout,
}, async () => {
  await collector(() => new Response(), async (port, sent) => {
    for (const protocol of ["json", "protobuf"]) {
      for (const compress of [true, false]) {
        const exporter = exporterTo(port, { protocol, compress });
        give(exporter, 1, 1);
        assert.equal(await exporter.flush(), true);
        give(exporter, 2, 500);
        assert.equal(await exporter.shutdown(10), true);
        const [short, long] = sent.slice(-2);
        assert.deepEqual(numbersOf([short!, long!]), range(1, 500));
        assert.equal(short!.headers.get("content-encoding"), null);
        assert.equal(
          long!.headers.get("content-encoding"),
          compress ? "gzip" : null,
        );
        assert.equal(
          long!.headers.get("content-type"),
          protocol === "json" ? "application/json" : "application/x-protobuf",
        );
      }
    }
  });
});

test(
  "spanExporter() follows no redirect, so credentials stay with their host",
  {
    timeout,
  },
  async () => {
    let followed = 0;
    const other = serve(() => {
      followed++;
      return new Response();
    });
    let status = 0;
    const server = serve(() =>
      new Response(null, {
        status,
        headers: { location: `${other.url}/v1/traces` },
      })
    );
    try {
      for (status of [301, 302, 303, 307, 308]) {
        const exporter = exporterTo(server.port, {
          headers: { authorization: "Bearer secret" },
        });
        exporter.export(span());
        assert.equal(await exporter.shutdown(10), true);
        assert.equal(exporter.stats().rejected, 1, `${status}`);
      }
      assert.equal(followed, 0);
    } finally {
      await server.stop();
      await other.stop();
    }
  },
);

test(
  "spanExporter() loses no span that fits into the queue in a short outage",
  {
    timeout,
  },
  async () => {
    await collector(
      (_sent, nth) => new Response(null, { status: nth < 4 ? 503 : 200 }),
      async (port, sent) => {
        const exporter = exporterTo(port);
        give(exporter, 1, 100);
        assert.equal(await exporter.shutdown(30), true);
        assert.equal(exporter.stats().exported, 100);
        assert.equal(exporter.stats().retries, 3);
        assert.deepEqual(numbersOf(sent.slice(3)), range(1, 100));
      },
    );
  },
);
