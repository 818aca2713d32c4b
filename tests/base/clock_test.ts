import assert from "node:assert/strict";
import { test } from "node:test";
import { stopwatch, systemClock } from "../../src/base/mod.ts";

test("Stopwatch.seconds() returns the time since the start at each call", () => {
  let now = 50;
  const watch = stopwatch({ unix: () => 0, mono: () => now });
  assert.equal(watch.seconds(), 0);
  now = 52.5;
  assert.equal(watch.seconds(), 2.5);
  now = 60;
  assert.equal(watch.seconds(), 10);
});

test("Stopwatch.seconds() is never negative, even if the clock goes back", () => {
  let now = 50;
  const watch = stopwatch({ unix: () => 0, mono: () => now });
  now = 40;
  assert.equal(watch.seconds(), 0);
});

test("systemClock returns seconds, and mono never goes back", () => {
  const before = Date.now() / 1000;
  const unix = systemClock.unix();
  const after = Date.now() / 1000;
  assert.ok(before <= unix && unix <= after);
  const first = systemClock.mono();
  assert.ok(systemClock.mono() >= first);
  assert.ok(stopwatch().seconds() >= 0);
});
