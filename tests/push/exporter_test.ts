/** Batches of spans: when they are sent, their size, their headers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PushTimers } from "./fixtures.ts";
import { give, numbersOf, range, setUp } from "./set_up.ts";

const timeout = 120_000;

test("spanExporter() sets no timer before the first span", () => {
  const { timers } = setUp();
  assert.deepEqual(timers.waits, []);
});

test("shutdown() without spans resolves at once", {
  timeout,
}, async () => {
  const { exporter, timers, sent } = setUp();
  assert.equal(await exporter.shutdown(), true);
  assert.deepEqual(timers.waits, []);
  assert.equal(sent.length, 0);
});

test(
  "export() collects spans for `interval` seconds",
  { timeout },
  async () => {
    const { exporter, timers, sent } = setUp({ interval: 3 });
    give(exporter, 1, 2);
    await timers.pass(2.9);
    assert.equal(sent.length, 0);
    assert.equal(exporter.stats().queued, 2);
    give(exporter, 3, 3);
    await timers.pass(0.2);
    assert.deepEqual(numbersOf(sent), [1, 2, 3]);
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
  },
);

test("export() sends a full batch at once, but not synchronously", {
  timeout,
}, async () => {
  const { exporter, timers, sent } = setUp({ batch: 10 });
  give(exporter, 1, 25);
  assert.equal(sent.length, 0);
  await timers.pass(0);
  assert.deepEqual(sent.map((request) => request.export.spans.length), [
    10,
    10,
  ]);
  assert.equal(exporter.stats().queued, 5);
  await timers.pass(5);
  assert.deepEqual(numbersOf(sent), range(1, 25));
});

test("flush() sends all waiting spans and resolves when they are accepted", {
  timeout,
}, async () => {
  const { exporter, sent } = setUp({ batch: 2 });
  assert.equal(await exporter.flush(), true);
  give(exporter, 1, 5);
  assert.equal(await exporter.flush(), true);
  assert.deepEqual(numbersOf(sent), range(1, 5));
  assert.equal(await exporter.flush(AbortSignal.abort()), true);
  give(exporter, 6, 6);
  assert.equal(await exporter.flush(AbortSignal.abort()), false);
});

test("spanExporter() sends the headers of the options and of the encoding", {
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
    assert.match(headers.get("user-agent")!, /^barograph\/\d/);
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

test(
  "spanExporter() overrides headers that describe the body, in any letter case",
  {
    timeout,
  },
  async () => {
    const { exporter, sent } = setUp({
      protocol: "json",
      headers: {
        "Content-Type": "text/plain",
        "Content-Encoding": "br",
        "CONTENT-LENGTH": "3",
        "X-Scope": "a",
        "User-Agent": "shop/1",
      },
    });
    give(exporter, 1, 1);
    await exporter.flush();
    assert.deepEqual([...sent[0]!.headers].sort(), [
      ["content-type", "application/json"],
      ["user-agent", "shop/1"],
      ["x-scope", "a"],
    ]);
  },
);

test("export() sends early if the queue is smaller than a batch", {
  timeout,
}, async () => {
  const { exporter, timers, sent } = setUp({ capacity: 10 });
  for (let n = 1; n <= 30; n += 5) {
    give(exporter, n, n + 4);
    await timers.pass(0);
  }
  assert.deepEqual(numbersOf(sent), range(1, 30));
  assert.equal(exporter.stats().lost, 0);
});

test("export() during a request loses the spans that do not fit", {
  timeout,
}, async () => {
  let answer: ((response: Response) => void) | undefined;
  const timers = new PushTimers();
  const { exporter, sent } = setUp(
    { capacity: 10, batch: 4, timers },
    (_sent, nth) => {
      if (nth > 1) return new Response();
      timers.hung = 1;
      return new Promise((resolve) => void (answer = resolve));
    },
  );
  give(exporter, 1, 6);
  const flushed = exporter.flush();
  await timers.rest();
  give(exporter, 7, 25); // the ring has 16 to 25, the request 1 to 4
  assert.equal(exporter.stats().lost, 11);
  assert.equal(exporter.stats().queued, 14);
  timers.hung = 0;
  answer!(new Response());
  await timers.pass(5);
  assert.deepEqual(numbersOf(sent), [...range(1, 4), ...range(16, 25)]);
  assert.equal(exporter.stats().exported, 14);
  assert.equal(exporter.stats().lost, 11);
  assert.equal(await flushed, false, "5 and 6 were lost");
});
