// One infinite observation stretched the bucket range to the end of float64 and
// cost all resolution: the median of 0.1 to 10 was reported as 8.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QuantileStore } from "../../src/base/internal.ts";

test("infinite values do not reduce the resolution of finite ones", () => {
  const store = new QuantileStore();
  for (let i = 1; i <= 100; i++) store.add(i / 10);
  store.add(Infinity);
  store.add(-Infinity, 2);
  assert.equal(store.schema, 5);
  assert.equal(store.count, 103);
  assert.ok(Math.abs(store.quantile(0.5) / 5 - 1) < 0.011);
  assert.equal(store.quantile(0), -Infinity);
  assert.equal(store.quantile(1), Infinity);
  const merged = new QuantileStore();
  merged.addAll(store);
  assert.equal(merged.schema, 5);
  assert.equal(merged.quantile(0.01), -Infinity);
  assert.equal(merged.quantile(1), Infinity);
  merged.clear();
  assert.equal(merged.quantile(1), NaN);
});
