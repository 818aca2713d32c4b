import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { distributionOf, FakeClock } from "../../src/testing/mod.ts";

test("a fake clock goes on when it is told, on both scales", () => {
  const clock = new FakeClock(100);
  assert.deepEqual([clock.unix(), clock.mono()], [100, 0]);
  clock.advance(2.5);
  clock.advance(0);
  assert.deepEqual([clock.unix(), clock.mono()], [102.5, 2.5]);
});

test("a fake clock begins at the same moment each time", () => {
  assert.equal(new FakeClock().unix(), new FakeClock().unix());
});

test("a fake clock does not go back, nor to the end of time", () => {
  const clock = new FakeClock(100);
  for (const seconds of [-1, NaN, Infinity]) {
    assert.throws(() => clock.advance(seconds), {
      name: "RangeError",
      message: new RegExp(`^Cannot advance the clock by ${seconds}: `),
    });
  }
  assert.equal(clock.unix(), 100);
});

test("a timer measures what a fake clock was told", () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock });
  const timer = registry.histogram({ name: "h_seconds", help: "H." })
    .startTimer();
  clock.advance(2.5);
  assert.equal(timer.stop(), 2.5);
  assert.equal(distributionOf(registry, "h_seconds")?.sum, 2.5);
});
