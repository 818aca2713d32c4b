import assert from "node:assert/strict";
import { test } from "node:test";
import { EagerPublish } from "../../src/fleet/eager_publish.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";

/** Publishes that take `cost()` seconds each. */
function publishes(cost: () => number) {
  const timers = new FakeTimers();
  const { clock } = timers;
  const at: number[] = [];
  const eager = new EagerPublish(clock, timers, () => {
    at.push(clock.mono());
    clock.advance(cost());
  });
  return { timers, clock, at, eager };
}

test("a request publishes at once while publishes are cheap", () => {
  const { eager, at, clock } = publishes(() => 0.00002);
  for (let i = 0; i < 50; i++) {
    clock.advance(0.001);
    eager.request();
    assert.equal(at.length, i + 1);
  }
});

test("requests under load share a publish, which comes with the budget", () => {
  const { eager, at, timers } = publishes(() => 0.1);
  eager.request(); // half of it is borrowed
  eager.request();
  eager.request();
  assert.equal(at.length, 1);
  timers.advance(2.3);
  assert.equal(at.length, 1);
  timers.advance(0.3);
  assert.equal(at.length, 2);
  assert.equal(timers.pending, 0); // nothing was counted since
});

test("cancel() drops a publish that waits, and a later request publishes", () => {
  const { eager, at, timers } = publishes(() => 0.1);
  eager.request();
  eager.request();
  eager.cancel();
  assert.equal(timers.pending, 0);
  timers.advance(10);
  assert.equal(at.length, 1);
  eager.request();
  assert.equal(at.length, 2);
});

test("law: publishes take a fiftieth of the time, and none is forgotten", () => {
  const requests = fc.array(
    fc.record({
      wait: fc.double({ min: 0, max: 0.5, noNaN: true }),
      cost: fc.double({ min: 0, max: 0.1, noNaN: true }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(requests, (all) => {
      let cost = 0;
      let spent = 0;
      const { eager, at, timers, clock } = publishes(() => {
        spent += cost;
        return cost;
      });
      let last = -1;
      for (const next of all) {
        timers.advance(next.wait);
        ({ cost } = next);
        last = clock.mono();
        eager.request();
      }
      assert.ok(spent <= 0.05 + 0.02 * clock.mono() + 0.1, `${spent} s`);
      timers.advance(10);
      assert.ok(last < 0 || at.at(-1)! >= last, "a request was not published");
    }),
    { numRuns: 2000 },
  );
});
