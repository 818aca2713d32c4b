/** When spans are sent, in which portions, and what comes of failures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type SpanExporter,
  spanExporter,
  type SpanExporterOptions,
} from "../../src/push/mod.ts";
import { partialSuccess } from "../support/otlp_reader.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { collecting, FakeTimers, namesOf, span } from "./fixtures.ts";

const timeout = 30_000;

function setUp(
  options: Partial<SpanExporterOptions> = {},
  answer?: Parameters<typeof collecting>[0],
) {
  const timers = new FakeTimers();
  const { fetch, sent } = collecting(answer);
  const errors: Error[] = [];
  const exporter = spanExporter({
    endpoint: "http://collector",
    fetch,
    schedule: timers.schedule,
    random: () => 0.5,
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { exporter, timers, sent, errors };
}

function give(exporter: SpanExporter, from: number, to: number): void {
  for (let n = from; n <= to; n++) exporter.export(span(n));
}

const numbers = (sent: Parameters<typeof namesOf>[0]) =>
  namesOf(sent).map((name) => Number(name.slice(5)));

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

test("nothing is started before the first span", () => {
  const { timers } = setUp();
  assert.deepEqual(timers.waits, []);
});

test("spans wait for others, and go together", { timeout }, async () => {
  const { exporter, timers, sent } = setUp({ interval: 3 });
  give(exporter, 1, 2);
  await timers.pass(2.9);
  assert.equal(sent.length, 0);
  assert.equal(exporter.stats().queued, 2);
  give(exporter, 3, 3);
  await timers.pass(0.2);
  assert.deepEqual(numbers(sent), [1, 2, 3]);
  assert.equal(sent.length, 1);
  assert.deepEqual(exporter.stats(), {
    queued: 0,
    exported: 3,
    lost: 0,
    rejected: 0,
    retries: 0,
  });
  assert.deepEqual(timers.waits, []);
  assert.equal(timers.holds, false);
});

test("a full batch does not wait, nor is it work of who hands it over", {
  timeout,
}, async () => {
  const { exporter, timers, sent } = setUp({ batch: 10 });
  give(exporter, 1, 25);
  assert.equal(sent.length, 0);
  await timers.pass(0);
  assert.deepEqual(sent.map((one) => one.export.spans.length), [10, 10]);
  assert.equal(exporter.stats().queued, 5);
  await timers.pass(5);
  assert.deepEqual(numbers(sent), range(1, 25));
});

test("flush() sends what waits, and says when it is there", {
  timeout,
}, async () => {
  const { exporter, sent } = setUp({ batch: 2 });
  assert.equal(await exporter.flush(), true);
  give(exporter, 1, 5);
  assert.equal(await exporter.flush(), true);
  assert.deepEqual(numbers(sent), range(1, 5));
  assert.equal(await exporter.flush(AbortSignal.abort()), true);
  give(exporter, 6, 6);
  assert.equal(await exporter.flush(AbortSignal.abort()), false);
});

test("a failed request is tried again, later each time, and told of", {
  timeout,
}, async () => {
  const { exporter, timers, sent, errors } = setUp(
    { interval: 1 },
    (_sent, nth) => new Response(null, { status: nth <= 6 ? 503 : 200 }),
  );
  give(exporter, 1, 3);
  await timers.pass(1);
  const waits: number[] = [];
  while (exporter.stats().queued > 0) {
    waits.push(timers.waits[0]!);
    await timers.pass(timers.waits[0]!);
  }
  // Half of 1, 2, 4, 8, 16 and 30 seconds: the lot has drawn 0.5.
  assert.deepEqual(waits.map((wait) => Math.round(wait * 10) / 10), [
    0.5,
    1,
    2,
    4,
    8,
    15,
  ]);
  assert.equal(sent.length, 7);
  assert.equal(exporter.stats().exported, 3);
  assert.equal(exporter.stats().retries, 6);
  assert.equal(errors.length, 6);
  assert.match(errors[0]!.message, /503/);
  give(exporter, 4, 4);
  await timers.pass(1);
  assert.equal(exporter.stats().exported, 4);
});

test("a collector that says when to come back is obeyed", {
  timeout,
}, async () => {
  const clock = new FakeClock(1_700_000_000);
  const date = new Date(1_700_000_020_000).toUTCString();
  const said = ["7", date, "1e9", "soon", "-4"];
  const { exporter, timers } = setUp(
    { interval: 1, clock },
    (_sent, nth) =>
      said[nth - 1] === undefined ? new Response() : new Response(null, {
        status: 429,
        headers: { "retry-after": said[nth - 1]! },
      }),
  );
  give(exporter, 1, 1);
  await timers.pass(1);
  const waits: number[] = [];
  while (exporter.stats().queued > 0) {
    waits.push(Math.round(timers.waits[0]! * 1e6) / 1e6);
    await timers.pass(timers.waits[0]!);
  }
  assert.deepEqual(waits, [7, 20, 2, 4, 8]);
});

test("a wait that a collector asks for has a bound", { timeout }, async () => {
  const headers = { "retry-after": "999999999" };
  const { exporter, timers } = setUp(
    { interval: 1 },
    () => new Response(null, { status: 429, headers }),
  );
  give(exporter, 1, 1);
  await timers.pass(1);
  assert.deepEqual(timers.waits, [300]);
});

test("what is refused for good is counted, and does not hold up the rest", {
  timeout,
}, async () => {
  for (const status of [301, 400, 401, 404, 413, 500]) {
    const { exporter, timers, errors } = setUp(
      { batch: 2, interval: 1 },
      (_sent, nth) => new Response(null, { status: nth === 1 ? status : 200 }),
    );
    give(exporter, 1, 3);
    await timers.pass(2);
    const { rejected, exported, retries } = exporter.stats();
    assert.deepEqual([rejected, exported, retries], [2, 1, 0], `${status}`);
    assert.match(errors[0]!.message, new RegExp(`${status}`));
  }
});

test("what a collector says it has not taken is counted, in both encodings", {
  timeout,
}, async () => {
  for (const protocol of ["json", "protobuf"] as const) {
    const { exporter, errors } = setUp(
      { protocol },
      ({ headers }) =>
        new Response(partialSuccess(2, headers.get("content-type")!)),
    );
    give(exporter, 1, 5);
    assert.equal(await exporter.flush(), true);
    const { rejected, exported } = exporter.stats();
    assert.deepEqual([rejected, exported], [2, 3], protocol);
    assert.match(errors[0]!.message, /rejected 2/);
  }
});

test("an answer of nonsense has taken all", { timeout }, async () => {
  const nonsense = [
    "<html>",
    '{"partialSuccess":{"rejectedSpans":"many"}}',
    '{"partialSuccess":{"rejectedSpans":-1}}',
    new Uint8Array([10, 255, 255, 255]),
    new Uint8Array(300).fill(255),
  ];
  for (const protocol of ["json", "protobuf"] as const) {
    for (const answer of nonsense) {
      const { exporter } = setUp({ protocol }, () => new Response(answer));
      give(exporter, 1, 5);
      assert.equal(await exporter.flush(), true);
      assert.equal(exporter.stats().exported, 5);
    }
  }
});

test(
  "what the ring gives up while a collector is down is counted, and the rest arrives once",
  {
    timeout,
  },
  async () => {
    let down = true;
    const { exporter, timers, sent } = setUp(
      { capacity: 10, batch: 4, interval: 1 },
      () => new Response(null, { status: down ? 503 : 200 }),
    );
    give(exporter, 1, 6);
    await timers.pass(1);
    give(exporter, 7, 25);
    assert.equal(exporter.stats().lost, 15);
    assert.equal(exporter.stats().queued, 10);
    const before = sent.length;
    down = false;
    await timers.pass(60);
    assert.deepEqual(numbers(sent.slice(before)), range(16, 25));
    assert.deepEqual(exporter.stats().exported, 10);
    assert.equal(exporter.stats().lost, 15);
  },
);

test("a collector that hangs is given up after the time it may take", {
  timeout,
}, async () => {
  const aborted: unknown[] = [];
  const timers = new FakeTimers();
  const exporter = spanExporter({
    endpoint: "http://collector",
    interval: 1,
    timeout: 3,
    schedule: timers.schedule,
    fetch: (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener("abort", () => {
          aborted.push(signal!.reason);
          reject(signal!.reason);
        });
      }),
  });
  exporter.export(span());
  await timers.pass(3.9);
  assert.equal(aborted.length, 0);
  await timers.pass(0.2);
  assert.equal((aborted[0] as Error).name, "TimeoutError");
  assert.equal(exporter.stats().retries, 1);
  assert.equal(exporter.stats().queued, 1);
});

test("shutdown() waits no longer than it may, holds the process, and counts", {
  timeout,
}, async () => {
  const timers = new FakeTimers();
  let aborted = false;
  const exporter = spanExporter({
    endpoint: "http://collector",
    schedule: timers.schedule,
    fetch: (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener("abort", () => {
          aborted = true;
          reject(signal!.reason);
        });
      }),
  });
  give(exporter, 1, 3);
  const ended = exporter.shutdown(2);
  assert.equal(exporter.shutdown(9), ended);
  assert.equal(timers.holds, true);
  await timers.pass(2);
  assert.equal(await ended, false);
  assert.equal(aborted, true);
  await timers.pass(60);
  assert.deepEqual(timers.waits, []);
  give(exporter, 4, 5);
  assert.deepEqual(timers.waits, []);
  assert.deepEqual(exporter.stats(), {
    queued: 0,
    exported: 0,
    lost: 5,
    rejected: 0,
    retries: 0,
  });
  assert.equal(await exporter.flush(), true);
});

test("shutdown() tries again while there is time", { timeout }, async () => {
  const { exporter, timers, sent } = setUp(
    {},
    (_sent, nth) => new Response(null, { status: nth < 3 ? 502 : 200 }),
  );
  give(exporter, 1, 2);
  const ended = exporter.shutdown(10);
  await timers.pass(5);
  assert.equal(await ended, true);
  assert.equal(sent.length, 3);
  assert.deepEqual(timers.waits, []);
});

test("headers are sent, and those of the encoding are ours", {
  timeout,
}, async () => {
  for (const protocol of ["json", "protobuf"] as const) {
    const { exporter, sent } = setUp({
      protocol,
      headers: { authorization: "Bearer t" },
    });
    give(exporter, 1, 100);
    await exporter.flush();
    const { headers } = sent[0]!;
    assert.equal(headers.get("authorization"), "Bearer t");
    assert.equal(
      headers.get("content-type"),
      protocol === "json" ? "application/json" : "application/x-protobuf",
    );
    assert.equal(headers.get("content-encoding"), "gzip");
    const plain = setUp({ protocol, compress: false });
    give(plain.exporter, 1, 100);
    await plain.exporter.flush();
    assert.equal(plain.sent[0]!.headers.get("content-encoding"), null);
  }
});

test("who listens to errors and throws stops nothing", {
  timeout,
}, async () => {
  const { exporter, timers } = setUp({
    interval: 1,
    onError: () => {
      throw new Error("listener");
    },
  }, (_sent, nth) => new Response(null, { status: nth === 1 ? 503 : 200 }));
  give(exporter, 1, 1);
  await timers.pass(10);
  assert.equal(exporter.stats().exported, 1);
});

test("a span that cannot be written does not stop the export", {
  timeout,
}, async () => {
  const { exporter, timers, errors } = setUp({ interval: 1, batch: 1 });
  exporter.export({ ...span(1), name: undefined as unknown as string });
  give(exporter, 2, 2);
  await timers.pass(10);
  assert.equal(exporter.stats().rejected, 1);
  assert.equal(exporter.stats().exported, 1);
  assert.equal(errors.length, 1);
});
