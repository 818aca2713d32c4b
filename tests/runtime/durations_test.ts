import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { Durations } from "../../src/runtime/durations.ts";

/** Returns the index of the bucket that `seconds` is counted into. */
function bucketOf(seconds: number): number {
  const durations = new Durations();
  durations.observe(seconds);
  assert.deepEqual([durations.count, durations.sum], [1, seconds]);
  assert.equal(durations.counts.reduce((sum, count) => sum + count), 1);
  return durations.counts.indexOf(1);
}

test("Durations.observe() counts a value equal to a bound into its bucket", () => {
  const { bounds } = new Durations();
  bounds.forEach((bound, index) => {
    assert.equal(bucketOf(bound), index, `${bound} s`);
    const above = bound * (1 + Number.EPSILON);
    assert.equal(bucketOf(above), index + 1, `${above} s`);
  });
  assert.equal(bucketOf(0), 0);
  assert.equal(bucketOf(Infinity), bounds.length);
});

test("Durations.observe() ignores NaN and negative durations", () => {
  const durations = new Durations();
  for (const seconds of [NaN, -1, -Infinity]) durations.observe(seconds);
  assert.deepEqual([durations.count, durations.sum], [0, 0]);
  assert.ok(durations.counts.every((count) => count === 0));
});

test("law: Durations.observe() counts into the first bucket whose bound is not below", () => {
  const anySeconds = fc.double({ min: 0, max: 5, noNaN: true });
  fc.assert(fc.property(anySeconds, (seconds) => {
    const bounds = [...new Durations().bounds, Infinity];
    const expected = bounds.findIndex((bound) => bound >= seconds);
    assert.equal(bucketOf(seconds), expected);
  }));
});
