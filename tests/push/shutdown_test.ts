/** Shutdown of an exporter: bounded, once, with exact counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spanExporter } from "../../src/push/mod.ts";
import { hanging, PushTimers, span } from "./fixtures.ts";
import { give, numbersOf, setUp } from "./set_up.ts";

const timeout = 120_000;

test(
  "shutdown() keeps its deadline and the process alive, and counts lost spans",
  {
    timeout,
  },
  async () => {
    const timers = new PushTimers();
    const { exporter } = setUp({
      timers,
      fetch: hanging(timers),
    });
    give(exporter, 1, 3);
    const ended = exporter.shutdown(2);
    assert.equal(exporter.shutdown(9), ended);
    assert.equal(timers.holds, true);
    await timers.pass(2);
    assert.equal(await ended, false);
    assert.equal(timers.hung, 0);
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
  },
);

test(
  "shutdown() repeats requests until its deadline",
  { timeout },
  async () => {
    const { exporter, timers, sent } = setUp(
      {},
      (_sent, nth) => new Response(null, { status: nth < 3 ? 502 : 200 }),
    );
    give(exporter, 1, 2);
    const ended = exporter.shutdown(9);
    await timers.pass(5);
    assert.equal(await ended, true);
    assert.equal(sent.length, 3);
    assert.deepEqual(timers.waits, []);
  },
);

test("export() during shutdown() counts spans as exported or lost", {
  timeout,
}, async () => {
  const { exporter, timers } = setUp();
  give(exporter, 1, 2);
  const ended = exporter.shutdown(9);
  give(exporter, 3, 5);
  await timers.pass(9);
  assert.equal(await ended, true);
  const { exported, lost } = exporter.stats();
  assert.deepEqual([exported, lost], [2, 3]);
});

test("onError may call shutdown()", {
  timeout,
}, async () => {
  const timers = new PushTimers();
  const ends: Promise<boolean>[] = [];
  const { exporter } = setUp({
    interval: 1,
    timers,
    onError: () => void ends.push(exporter.shutdown(3)),
  }, () => new Response(null, { status: 503 }));
  give(exporter, 1, 2);
  await timers.pass(20);
  assert.ok(ends.length > 1);
  assert.deepEqual(new Set(await Promise.all(ends)), new Set([false]));
  assert.equal(exporter.stats().lost, 2);
  assert.deepEqual(timers.waits, []);
});

test("shutdown() does not wait for a request that ignores its signal", {
  timeout,
}, async () => {
  const timers = new PushTimers();
  timers.hung = 1;
  let answer: ((response: Response) => void) | undefined;
  const { exporter } = setUp({
    timers,
    fetch: () => new Promise((resolve) => void (answer = resolve)),
  });
  give(exporter, 1, 2);
  const ended = exporter.shutdown(2);
  await timers.pass(2);
  assert.equal(await ended, false);
  const { lost } = exporter.stats();
  answer!(new Response());
  timers.hung = 0;
  await timers.rest();
  assert.equal(lost, 2);
  assert.equal(exporter.stats().lost, 2);
  assert.equal(exporter.stats().exported, 0);
});

test("shutdown() accepts an unlimited deadline", {
  timeout,
}, async () => {
  for (const seconds of [Infinity, 1e300]) {
    const exporter = spanExporter({
      endpoint: "http://collector",
      fetch: async () => {
        await new Promise((done) => setTimeout(done, 50));
        return new Response();
      },
    });
    give(exporter, 1, 1);
    assert.equal(await exporter.shutdown(seconds), true);
  }
});

test("shutdown() with a deadline of 0, -1 or NaN ends at once", {
  timeout,
}, async () => {
  for (const seconds of [0, -1, NaN]) {
    const exporter = spanExporter({
      endpoint: "http://collector",
      fetch: () => new Promise(() => {}),
    });
    give(exporter, 1, 1);
    assert.equal(await exporter.shutdown(seconds), false);
    assert.equal(exporter.stats().lost, 1);
  }
});

test("`await using` shuts an exporter down", { timeout }, async () => {
  const { exporter, sent } = setUp();
  {
    await using scoped = exporter;
    scoped.export(span(1));
  }
  assert.deepEqual(numbersOf(sent), [1]);
});
