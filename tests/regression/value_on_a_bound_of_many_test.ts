// More than 16 bounds are searched by bisection. No test reached that search, so
// a value on a bound could have been counted one bucket too high.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketOf } from "../../src/metrics/buckets.ts";

test("bucketOf() counts a value on each of 100 bounds into that bucket", () => {
  const bounds = Float64Array.from({ length: 100 }, (_, i) => i);
  bounds.forEach((bound, i) => {
    assert.equal(bucketOf(bounds, bound), i);
    assert.equal(bucketOf(bounds, bound + 0.5), i + 1);
  });
  assert.equal(bucketOf(bounds, NaN), bounds.length);
});
