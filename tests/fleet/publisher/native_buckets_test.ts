/** Native buckets without those of an earlier moment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { bucketIndex, BucketStore } from "../../../src/base/internal.ts";
import type { NativeView } from "../../../src/model/mod.ts";
import {
  addNative,
  copyNative,
  subtractNative,
} from "../../../src/fleet/publisher/native_buckets.ts";

const values = fc.array(
  fc.oneof(
    fc.double({ noNaN: true }),
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.constantFrom(0, Infinity, -Infinity),
  ),
  { maxLength: 30 },
);

/** Returns the counts of all buckets that are not empty, by name. */
function countsOf(view: NativeView): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([["zero", view.zeroCount]]);
  for (const sign of ["positive", "negative"] as const) {
    const { offset, size, counts: all, overflow } = view[sign];
    counts.set(`${sign} overflow`, overflow);
    for (let i = 0; i < size; i++) {
      if (all[i]! > 0) counts.set(`${sign} ${offset + i}`, all[i]!);
    }
  }
  return counts;
}

/** Returns the same of single values, each counted twice. */
function expected(
  values: readonly number[],
  { schema, zeroThreshold }: NativeView,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([
    ["zero", 0],
    ["positive overflow", 0],
    ["negative overflow", 0],
  ]);
  for (const value of values) {
    const size = Math.abs(value);
    const sign = value > 0 ? "positive" : "negative";
    const name = size <= zeroThreshold
      ? "zero"
      : size === Infinity
      ? `${sign} overflow`
      : `${sign} ${bucketIndex(size, schema)}`;
    counts.set(name, (counts.get(name) ?? 0) + 2);
  }
  return counts;
}

test("buckets without earlier ones are those of what was observed since", () => {
  fc.assert(
    fc.property(
      values,
      values,
      fc.integer({ min: -1, max: 5 }),
      fc.integer({ min: 2, max: 40 }),
      fc.constantFrom(0, 0.01, 5),
      (before, after, schema, maxBuckets, maxZeroThreshold) => {
        const store = new BucketStore({ schema, maxBuckets, maxZeroThreshold });
        for (const value of before) store.add(value, 1);
        const then = copyNative(store);
        for (const value of after) store.add(value, 2);
        const since = subtractNative(copyNative(store), then);
        assert.deepEqual(countsOf(since), expected(after, store));
      },
    ),
    { numRuns: 2000 },
  );
});

test("native buckets are added up", () => {
  const a = new BucketStore({ schema: 0 });
  const b = new BucketStore({ schema: 0 });
  a.add(3, 2);
  b.add(3, 1);
  b.add(-Infinity, 4);
  const sum = addNative(a, b);
  assert.equal(countsOf(sum).get("positive 2"), 3);
  assert.equal(countsOf(sum).get("negative overflow"), 4);
});
