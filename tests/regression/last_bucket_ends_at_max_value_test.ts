// The bound of the last finite bucket was Infinity, which lies in the bucket
// after it. In Prometheus that bucket ends at the largest float64.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bucketBound,
  bucketIndex,
  QuantileStore,
} from "../../src/base/internal.ts";

test("the bound of the last finite bucket lies in it", () => {
  for (let schema = -4; schema <= 8; schema++) {
    const last = bucketIndex(Number.MAX_VALUE, schema);
    assert.equal(bucketBound(last, schema), Number.MAX_VALUE);
    assert.equal(bucketIndex(bucketBound(last, schema), schema), last);
    assert.equal(bucketBound(last + 1, schema), Infinity);
  }
});

test("quantiles of the largest values are accurate to half a bucket", () => {
  const store = new QuantileStore();
  store.add(Number.MAX_VALUE);
  assert.ok(store.quantile(1) / Number.MAX_VALUE > 0.989);
  assert.ok(store.quantile(1) <= Number.MAX_VALUE);
});
