/** Which events flush, and when. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, FakeTimers } from "../../src/testing/mod.ts";
import { Flusher } from "../../src/workers/flusher.ts";

function flushing() {
  const clock = new FakeClock();
  const timers = new FakeTimers();
  const state = { hasWork: true };
  const flushes: [env: unknown, time: number][] = [];
  const begin = clock.mono();
  const flusher = new Flusher({
    flush: (env) => {
      flushes.push([env, clock.mono() - begin]);
      return Promise.resolve();
    },
    hasWork: () => state.hasWork,
    interval: 10,
    clock,
    timers,
  });
  const settled = async () => {
    for (let i = 0; i < 10; i++) await null;
  };
  return {
    flusher,
    flushes,
    state,
    timers,
    settled,
    /** Lets time pass; without `timers`, as if their events had been ended. */
    async pass(seconds: number, withTimers = true) {
      clock.advance(seconds);
      if (withTimers) timers.advance(seconds);
      await settled();
    },
    async event(env: unknown, work: unknown = undefined) {
      const waits: Promise<unknown>[] = [];
      flusher.after(work, env, {
        waitUntil: (wait: Promise<unknown>) => void waits.push(wait),
      });
      await settled();
      return waits;
    },
  };
}

test("the first event flushes once its work has ended, however it ends", async () => {
  for (const isFailing of [false, true]) {
    const { event, flushes, settled } = flushing();
    const work = Promise.withResolvers<void>();
    const waits = await event("a", work.promise);
    assert.deepEqual(flushes, []);
    if (isFailing) work.reject(new Error("of the handler"));
    else work.resolve();
    await settled();
    assert.deepEqual(flushes, [["a", 0]]);
    await Promise.all(waits);
  }
});

test("one event of each interval waits and flushes for the others", async () => {
  const { event, flushes, pass, timers } = flushing();
  for (const env of ["a", "b", "c"]) await event(env);
  assert.equal(timers.pending, 1);
  await pass(9);
  await event("d");
  assert.deepEqual(flushes, [["a", 0]]);
  await pass(1);
  assert.deepEqual(flushes, [["a", 0], ["b", 10]]);
  await pass(15);
  await event("e");
  assert.deepEqual(flushes.at(-1), ["e", 25]);
  assert.equal(timers.pending, 0);
});

test("a timer that is early by a fraction flushes all the same", async () => {
  const { event, flushes, timers, settled } = flushing();
  await event("a");
  await event("b");
  timers.advance(10); // while the clock stands
  await settled();
  assert.deepEqual(flushes, [["a", 0], ["b", 0]]);
});

test("an event takes the place of one that the runtime has ended", async () => {
  const { event, flushes, pass } = flushing();
  await event("a");
  await event("ended");
  await pass(10.5, false);
  await event("b");
  assert.deepEqual(flushes, [["a", 0]]);
  await pass(0.5, false);
  await event("c");
  assert.deepEqual(flushes, [["a", 0], ["c", 11]]);
  // The event was only late: it does not flush once more in the interval.
  await pass(0, true);
  await pass(9, true);
  assert.equal(flushes.length, 2);
});

test("nothing flushes while there is nothing to send", async () => {
  const { event, flushes, state, pass } = flushing();
  state.hasWork = false;
  await event("a");
  state.hasWork = true;
  await event("b");
  await event("c");
  state.hasWork = false;
  await pass(10);
  assert.deepEqual(flushes, [["b", 0]]);
});

test("an event without waitUntil does not flush, and one whose context throws neither", async () => {
  const { flusher, flushes, settled } = flushing();
  const broken = {
    waitUntil() {
      throw new Error("illegal invocation");
    },
  };
  for (const context of [undefined, null, {}, 7, { waitUntil: 1 }]) {
    flusher.after(undefined, "a", context);
    await settled();
  }
  assert.deepEqual(flushes, []);
  flusher.after(undefined, "a", broken);
  await settled();
  assert.equal(flushes.length, 1);
});

test("a broken clock rejects nothing", async () => {
  const waits: Promise<unknown>[] = [];
  const flusher = new Flusher({
    flush: () => Promise.resolve(),
    hasWork: () => true,
    interval: 10,
    clock: {
      unix: () => 0,
      mono() {
        throw new Error("broken");
      },
    },
    timers: new FakeTimers(),
  });
  const waitUntil = (wait: Promise<unknown>) => void waits.push(wait);
  flusher.after(undefined, "a", { waitUntil });
  assert.deepEqual(await Promise.all(waits), [undefined]);
});
