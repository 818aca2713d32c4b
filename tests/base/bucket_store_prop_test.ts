import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { bucketIndex, QuantileStore } from "../../src/base/internal.ts";

const RANKS = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1];

/** Zero and normal float64 of either sign: their relative error is bounded. */
const anyValue = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    fc.double({ min: -1e6, max: -1e-6, noNaN: true }),
    fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
    fc.double({ min: -1e300, max: -1e-300, noNaN: true }),
    fc.constantFrom(0, 1, 2, 4, 0.5, -1),
  );

interface Setting {
  readonly schema: number;
  readonly maxBuckets: number;
}

const anySetting = (): fc.Arbitrary<Setting> =>
  fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    maxBuckets: fc.constantFrom(1, 2, 7, 160, 1024),
  });

function storeOf(
  { schema, maxBuckets }: Setting,
  values: readonly number[],
): QuantileStore {
  const store = new QuantileStore({ schema, maxBuckets });
  for (const value of values) store.add(value);
  return store;
}

function readings(store: QuantileStore): (readonly number[] | number)[] {
  return [store.schema, store.count, RANKS.map((q) => store.quantile(q))];
}

test("law: QuantileStore.quantile() is within half a bucket of the exact quantile", () => {
  fc.assert(
    fc.property(
      anySetting(),
      fc.array(anyValue(), { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (setting, values, q) => {
        const store = storeOf(setting, values);
        const sorted = [...values].sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil(q * sorted.length));
        const exact = sorted[rank - 1]!;
        const found = store.quantile(q);
        assert.equal(Math.sign(found), Math.sign(exact));
        if (exact === 0) return;
        const off = Math.abs(Math.log2(found / exact));
        const halfBucket = 2 ** -store.schema / 2;
        assert.ok(off <= halfBucket * 1.000001, `${found} for ${exact}`);
      },
    ),
    { numRuns: 500 },
  );
});

test("law: BucketStore keeps schema 5 over five decades, within 1.1 %", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), {
        minLength: 1,
        maxLength: 60,
      }),
      (values) => {
        const store = storeOf({ schema: 5, maxBuckets: 1024 }, values);
        assert.equal(store.schema, 5);
        const highest = Math.max(...values);
        assert.ok(Math.abs(store.quantile(1) / highest - 1) < 0.011);
      },
    ),
  );
});

test("law: QuantileStore.quantile() increases with the rank", () => {
  fc.assert(
    fc.property(
      anySetting(),
      fc.array(anyValue(), { minLength: 1, maxLength: 60 }),
      (setting, values) => {
        const found = RANKS.map((q) => storeOf(setting, values).quantile(q));
        assert.deepEqual(found, [...found].sort((a, b) => a - b));
      },
    ),
  );
});

test("law: BucketStore.add() does not depend on the order of values", () => {
  fc.assert(
    fc.property(
      anySetting(),
      fc.array(anyValue(), { maxLength: 40 }),
      (setting, values) => {
        assert.deepEqual(
          readings(storeOf(setting, values.toReversed())),
          readings(storeOf(setting, values)),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("law: QuantileStore.addAll() equals adding all values to one store", () => {
  fc.assert(
    fc.property(
      anySetting(),
      fc.array(fc.array(anyValue(), { maxLength: 20 }), { maxLength: 6 }),
      (setting, groups) => {
        const merged = storeOf(setting, []);
        for (const group of groups) merged.addAll(storeOf(setting, group));
        assert.deepEqual(
          readings(merged),
          readings(storeOf(setting, groups.flat())),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("law: QuantileStore.addAll() is commutative, even across resolutions", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -4, max: 8 }),
      fc.integer({ min: -4, max: 8 }),
      fc.constantFrom(1, 7, 160, 1024),
      fc.array(anyValue(), { maxLength: 20 }),
      fc.array(anyValue(), { maxLength: 20 }),
      (one, other, maxBuckets, a, b) => {
        const first = storeOf({ schema: one, maxBuckets }, a);
        first.addAll(storeOf({ schema: other, maxBuckets }, b));
        const second = storeOf({ schema: other, maxBuckets }, b);
        second.addAll(storeOf({ schema: one, maxBuckets }, a));
        assert.deepEqual(readings(first), readings(second));
      },
    ),
    { numRuns: 300 },
  );
});

test("law: BucketStore.clear() makes a store equal to a new one", () => {
  fc.assert(
    fc.property(
      anySetting(),
      fc.array(anyValue(), { maxLength: 20 }),
      fc.array(anyValue(), { maxLength: 20 }),
      (setting, before, after) => {
        const used = storeOf(setting, before);
        used.clear();
        for (const value of after) used.add(value);
        assert.deepEqual(readings(used), readings(storeOf(setting, after)));
      },
    ),
    { numRuns: 200 },
  );
});

test("law: BucketStore exceeds maxBuckets only at schema -4", () => {
  fc.assert(
    fc.property(
      anySetting(),
      fc.array(anyValue(), { minLength: 1, maxLength: 40 }),
      (setting, values) => {
        const { schema } = storeOf(setting, values);
        assert.ok(schema >= -4 && schema <= setting.schema);
        if (schema === -4) return;
        for (const sign of [1, -1]) {
          const indices = values.filter((value) => value * sign > 0)
            .map((value) => bucketIndex(value * sign, schema));
          const span = Math.max(...indices) - Math.min(...indices) + 1;
          assert.ok(indices.length === 0 || span <= setting.maxBuckets);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("law: BucketStore with a growing zero bucket counts each value once", () => {
  const anyLimits = fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    maxBuckets: fc.constantFrom(1, 2, 7, 20),
    zeroThreshold: fc.constantFrom(0, 1e-5),
    maxZeroThreshold: fc.constantFrom(1e-4, 1, 1e7),
  });
  const anyValues = fc.array(anyValue(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(anyLimits, anyValues, (limits, values) => {
      const store = new QuantileStore(limits);
      for (const [i, value] of values.entries()) {
        store.add(value);
        assert.equal(store.count, i + 1);
      }
      const { schema, zeroThreshold, positive, negative } = store;
      assert.ok(zeroThreshold <= Math.max(...Object.values(limits).slice(2)));
      const zeros = values.filter((value) => Math.abs(value) <= zeroThreshold);
      assert.equal(store.zeroCount, zeros.length);
      for (const [side, sign] of [[positive, 1], [negative, -1]] as const) {
        for (let at = 0; at < side.size; at++) {
          const expected = values.filter((value) =>
            value * sign > zeroThreshold &&
            bucketIndex(value * sign, schema) === side.offset + at
          );
          assert.equal(side.counts[at], expected.length);
        }
      }
    }),
    { numRuns: 300 },
  );
});
