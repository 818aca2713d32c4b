import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { distributionOf, FakeClock } from "../../src/testing/mod.ts";

test("FakeClock.advance() advances both unix() and mono()", () => {
  const clock = new FakeClock(100);
  assert.deepEqual([clock.unix(), clock.mono()], [100, 0]);
  clock.advance(2.5);
  clock.advance(0);
  assert.deepEqual([clock.unix(), clock.mono()], [102.5, 2.5]);
});

test("FakeClock starts at a fixed time by default", () => {
  assert.equal(new FakeClock().unix(), new FakeClock().unix());
});

test("FakeClock.advance() refuses negative and non-finite seconds", () => {
  const clock = new FakeClock(100);
  for (const seconds of [-1, NaN, Infinity]) {
    assert.throws(() => clock.advance(seconds), {
      name: "RangeError",
      message: new RegExp(`^Cannot advance the clock by ${seconds}: `),
    });
  }
  assert.equal(clock.unix(), 100);
});

test("FakeClock determines the duration that a histogram timer measures", () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const timer = registry.histogram({ name: "h_seconds", help: "H." })
    .startTimer();
  clock.advance(2.5);
  assert.equal(timer.stop(), 2.5);
  assert.equal(distributionOf(registry, "h_seconds")?.sum, 2.5);
});
