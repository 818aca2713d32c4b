// Past 2^53 a count is rounded, and may be more than its buckets hold. The
// highest rank then fell out of the last bucket: to 0.97, of values all below
// zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BucketStore } from "../../src/base/internal.ts";

test("a quantile is a value that was added, however many there were", () => {
  const negative = new BucketStore();
  negative.add(-2, 2 ** 53);
  negative.add(-1, 3);
  assert.ok(Math.abs(negative.quantile(1) / -1 - 1) < 0.011);
  const zero = new BucketStore();
  zero.add(-2, 2 ** 53);
  zero.add(0, 3);
  assert.equal(zero.quantile(1), 0);
});
