/** The time of the demo: a past that catches up, in order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DemoTime } from "../demo/time.ts";
import { systemClock } from "../src/base/mod.ts";
import * as fc from "./support/property.ts";

test("law: timers of the past run in order, each at its time", async () => {
  const timer = fc.record({
    wait: fc.integer({ min: 0, max: 50 }),
    again: fc.integer({ min: 0, max: 50 }),
    isCancelled: fc.boolean(),
  });
  await fc.assert(fc.asyncProperty(fc.array(timer), async (timers) => {
    const time = new DemoTime(3600);
    const start = time.mono();
    const ran: number[] = [];
    const seen = (due: number) => {
      assert.ok(Math.abs(time.mono() - start - due) < 1e-6);
      ran.push(due);
    };
    for (const { wait, again, isCancelled } of timers) {
      const cancel = time.after(wait, () => {
        seen(wait);
        time.after(again, () => seen(wait + again));
      });
      if (isCancelled) cancel();
    }
    await time.catchUp();
    const expected = timers.filter(({ isCancelled }) => !isCancelled)
      .flatMap(({ wait, again }) => [wait, wait + again])
      .sort((a, b) => a - b);
    assert.deepEqual(ran, expected);
  }));
});

test("a timer that repeats goes on when the past is over", async () => {
  const time = new DemoTime(10);
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  let runsLive = 0;
  const cancel = time.every(1, () => {
    if (time.isPast) runs++;
    else if (++runsLive === 1) resolve();
  }, { holds: true });
  await time.catchUp();
  assert.ok(runs === 9 || runs === 10, `${runs}`);
  assert.equal(time.isPast, false);
  assert.ok(Math.abs(time.unix() - systemClock.unix()) < 1);
  await promise;
  cancel();
});

test("catchUp() ends early if asked to, and time has not run ahead", async () => {
  const time = new DemoTime(600);
  let runs = 0;
  const cancel = time.every(1, () => void runs++);
  await time.catchUp(() => runs >= 5);
  cancel();
  assert.equal(runs, 5);
  assert.ok(time.mono() <= systemClock.mono());
});
