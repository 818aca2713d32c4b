import assert from "node:assert/strict";
import { test } from "node:test";
import { QuantileStore } from "../../src/base/internal.ts";

function storeOf(values: readonly number[], schema = 5): QuantileStore {
  const store = new QuantileStore({ schema });
  for (const value of values) store.add(value);
  return store;
}

/** Asserts that a value is within half a bucket of schema 5. */
function near(actual: number, expected: number): void {
  assert.ok(
    Math.abs(actual / expected - 1) < 0.011,
    `${actual} is not within 1.1 % of ${expected}`,
  );
}

test("QuantileStore.quantile() of an empty store is NaN", () => {
  assert.equal(new QuantileStore().quantile(0.5), NaN);
  assert.equal(storeOf([NaN]).quantile(0.5), NaN);
});

test("BucketStore.add() does not count NaN", () => {
  const store = storeOf([1, NaN, 1]);
  assert.equal(store.count, 2);
});

test("QuantileStore.quantile() returns the value at the nearest rank", () => {
  const store = storeOf([1, 2, 3, 4]);
  near(store.quantile(0), 1);
  near(store.quantile(0.25), 1);
  near(store.quantile(0.26), 2);
  near(store.quantile(0.5), 2);
  near(store.quantile(0.75), 3);
  near(store.quantile(0.76), 4);
  near(store.quantile(1), 4);
});

test("QuantileStore.quantile() orders negatives, zeros and positives", () => {
  const store = storeOf([-100, -1, 0, 1, 100]);
  near(store.quantile(0.2), -100);
  near(store.quantile(0.4), -1);
  assert.equal(store.quantile(0.6), 0);
  near(store.quantile(0.8), 1);
  near(store.quantile(1), 100);
});

test("BucketStore.add() counts -0 as zero", () => {
  assert.equal(storeOf([-0, -0, 5]).quantile(0.5), 0);
});

test("QuantileStore.quantile() returns infinities", () => {
  const store = storeOf([-Infinity, 1, Infinity]);
  assert.equal(store.quantile(0), -Infinity);
  assert.equal(store.quantile(1), Infinity);
});

test("QuantileStore.quantile() of the largest float64 is finite", () => {
  const value = storeOf([Number.MAX_VALUE]).quantile(0.5);
  assert.ok(Number.isFinite(value));
  assert.ok(value > Number.MAX_VALUE / 1.03);
});

test("BucketStore.add() with a count equals repeated additions", () => {
  const store = new QuantileStore();
  store.add(1, 9);
  store.add(50);
  assert.equal(store.count, 10);
  near(store.quantile(0.9), 1);
  near(store.quantile(0.91), 50);
});

test("BucketStore halves its resolution instead of exceeding maxBuckets", () => {
  const store = new QuantileStore({ schema: 8, maxBuckets: 16 });
  store.add(1);
  assert.equal(store.schema, 8);
  store.add(1.01);
  assert.equal(store.schema, 8);
  store.add(2 ** 15);
  assert.equal(store.schema, 0); // 2^0 to 2^15 are 16 buckets
  store.add(2 ** 16);
  assert.equal(store.schema, -1);
  assert.equal(store.count, 4);
});

test("BucketStore stops halving at schema -4", () => {
  const store = new QuantileStore({ schema: 5, maxBuckets: 1 });
  store.add(1e-300);
  store.add(1e300);
  assert.equal(store.schema, -4);
  assert.equal(store.count, 2);
  assert.ok(store.quantile(0) < 1e-290);
  assert.ok(store.quantile(1) > 1e290);
});

test("BucketStore.clear() restores the initial resolution", () => {
  const store = new QuantileStore({ schema: 5, maxBuckets: 4 });
  store.add(1);
  store.add(1e9);
  store.add(-3);
  store.add(0);
  assert.ok(store.schema < 5);
  store.clear();
  assert.equal(store.schema, 5);
  assert.equal(store.count, 0);
  assert.equal(store.quantile(0.5), NaN);
  store.add(7);
  near(store.quantile(0.5), 7);
});

test("QuantileStore.addAll() does not change the other store", () => {
  const mine = storeOf([1, 2]);
  const other = storeOf([3, 1e-200, 1e200]);
  const schema = other.schema;
  mine.addAll(other);
  assert.equal(mine.count, 5);
  assert.equal(other.count, 3);
  assert.equal(other.schema, schema);
});

test("QuantileStore.addAll() of an empty store changes nothing", () => {
  const store = storeOf([1, 2, 3]);
  store.addAll(new QuantileStore());
  assert.equal(store.count, 3);
  assert.equal(store.schema, 5);
  near(store.quantile(0.5), 2);
});

test("BucketStore with one bucket keeps its resolution for one value", () => {
  const store = new QuantileStore({ maxBuckets: 1 });
  store.add(7);
  store.add(7);
  assert.deepEqual([store.schema, store.positive.size], [5, 1]);
});
