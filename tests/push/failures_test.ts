/** Failed requests: retries, lost spans, and their counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../src/testing/mod.ts";
import { hanging, PushTimers, span } from "./fixtures.ts";
import { give, numbersOf, range, setUp } from "./set_up.ts";

const timeout = 120_000;

test(
  "spanExporter() repeats and reports a failed request with growing delays",
  {
    timeout,
  },
  async () => {
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
    // Half of 1, 2, 4, 8, 16 and 30 seconds: `random` returns 0.5.
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
  },
);

test("Retry-After delays the next request", {
  timeout,
}, async () => {
  const clock = new FakeClock(1_700_000_000);
  const date = new Date(1_700_000_020_000).toUTCString();
  const headers = ["7", date, "1e9", "soon", "-4"];
  const { exporter, timers } = setUp(
    { interval: 1, clock },
    (_sent, nth) =>
      headers[nth - 1] === undefined ? new Response() : new Response(null, {
        status: 429,
        headers: { "retry-after": headers[nth - 1]! },
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

test("Retry-After is limited to 300 seconds", { timeout }, async () => {
  const headers = { "retry-after": "999999999" };
  const { exporter, timers } = setUp(
    { interval: 1 },
    () => new Response(null, { status: 429, headers }),
  );
  give(exporter, 1, 1);
  await timers.pass(1);
  assert.deepEqual(timers.waits, [300]);
});

test(
  "spanExporter() counts spans evicted during an outage and sends the rest once",
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
    assert.deepEqual(numbersOf(sent.slice(before)), range(16, 25));
    assert.deepEqual(exporter.stats().exported, 10);
    assert.equal(exporter.stats().lost, 15);
  },
);

test("spanExporter() repeats a request that exceeds its timeout", {
  timeout,
}, async () => {
  const timers = new PushTimers(3);
  const { exporter, errors } = setUp({
    interval: 1,
    timeout: 3,
    timers,
    fetch: hanging(timers),
  });
  exporter.export(span());
  await timers.pass(3.9);
  assert.equal(timers.hung, 1);
  await timers.pass(0.2);
  assert.equal(timers.hung, 0);
  assert.deepEqual(errors.map(({ name }) => name), ["TimeoutError"]);
  assert.equal(exporter.stats().retries, 1);
  assert.equal(exporter.stats().queued, 1);
});

test("an exception in onError does not stop the export", {
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

test("a span that cannot be encoded does not stop the export", {
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

test("flush() resolves to false if some of its spans were lost", {
  timeout,
}, async () => {
  let down = true;
  const { exporter, timers } = setUp(
    { capacity: 10, batch: 4, interval: 1 },
    () => new Response(null, { status: down ? 503 : 200 }),
  );
  give(exporter, 1, 10);
  const flushed = exporter.flush();
  await timers.pass(0.1);
  give(exporter, 11, 25);
  await timers.pass(60);
  assert.equal(await flushed, false);
  give(exporter, 26, 40); // 26 to 30 are lost before the next flush begins
  down = false;
  assert.equal(await exporter.flush(), true);
  const { exported, lost } = exporter.stats();
  assert.deepEqual([exported, lost], [10, 30]);
});

test("stats() never decreases the count of lost spans", {
  timeout,
}, async () => {
  const seen: number[] = [];
  const { exporter, timers } = setUp(
    { capacity: 4, batch: 2, interval: 1 },
    (_sent, nth) => {
      if (nth < 8) give(exporter, 1, 3); // during the request
      seen.push(exporter.stats().lost);
      return new Response(null, { status: nth < 4 ? 503 : 200 });
    },
  );
  give(exporter, 1, 3);
  for (let i = 0; i < 8; i++) {
    await timers.pass(timers.waits[0] ?? 0);
    seen.push(exporter.stats().lost);
  }
  assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
});

test("flush() does not wait for the end of a backoff", {
  timeout,
}, async () => {
  const { exporter, timers, sent } = setUp(
    { interval: 1 },
    (_sent, nth) =>
      new Response(null, {
        status: nth === 1 ? 429 : 200,
        headers: { "retry-after": "300" },
      }),
  );
  give(exporter, 1, 2);
  await timers.pass(1);
  assert.deepEqual(timers.waits, [300]);
  assert.equal(await exporter.flush(), true);
  assert.equal(sent.length, 2);
  assert.deepEqual(timers.waits, []);
});

test("full batches do not shorten the backoff", {
  timeout,
}, async () => {
  const { exporter, timers, sent } = setUp(
    { batch: 10, interval: 1 },
    () => new Response(null, { status: 503 }),
  );
  for (let n = 1; n <= 1000; n += 10) {
    give(exporter, n, n + 9);
    await timers.pass(0);
  }
  assert.equal(sent.length, 1);
});
