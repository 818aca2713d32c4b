// Past 2^53 a count is rounded and may exceed the sum of its buckets. The highest
// rank then lay past the last bucket: the result was 0.97 although every value
// was below zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuantileStore } from "../../src/base/internal.ts";

test("quantile() returns an added value, for any number of values", () => {
  const negative = new QuantileStore();
  negative.add(-2, 2 ** 53);
  negative.add(-1, 3);
  assert.ok(Math.abs(negative.quantile(1) / -1 - 1) < 0.011);
  const zero = new QuantileStore();
  zero.add(-2, 2 ** 53);
  zero.add(0, 3);
  assert.equal(zero.quantile(1), 0);
});
