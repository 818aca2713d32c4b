import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { bucketOf } from "../../src/metrics/buckets.ts";
import {
  DEFAULT_BUCKETS,
  exponentialBuckets,
  exponentialRange,
  linearBuckets,
} from "../../src/metrics/mod.ts";
import { anyNumber } from "../base/arbitraries.ts";
import { familyOf, loose, setUp } from "./fixtures.ts";

/** Returns the bounds of a histogram that is declared with `buckets`. */
function boundsOf(buckets: unknown): number[] {
  const { registry } = setUp();
  loose(registry).histogram!({ name: "x", help: "X.", buckets });
  return [...familyOf(registry, "x")!.histograms[0]!.bounds];
}

test("DEFAULT_BUCKETS equal those of other Prometheus clients and are frozen", () => {
  assert.deepEqual(
    DEFAULT_BUCKETS,
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  );
  assert.ok(Object.isFrozen(DEFAULT_BUCKETS));
});

test("linearBuckets() adds the width", () => {
  assert.deepEqual(linearBuckets(5, 5, 4), [5, 10, 15, 20]);
  assert.deepEqual(linearBuckets(-1, 0.5, 3), [-1, -0.5, 0]);
  assert.deepEqual(linearBuckets(0, 1, 1), [0]);
});

test("exponentialBuckets() multiplies by the factor", () => {
  assert.deepEqual(exponentialBuckets(1, 2, 5), [1, 2, 4, 8, 16]);
  assert.deepEqual(exponentialBuckets(0.5, 4, 3), [0.5, 2, 8]);
});

test("exponentialRange() begins at lowest and ends at highest", () => {
  const bounds = exponentialRange(0.001, 1000, 7);
  assert.equal(bounds.length, 7);
  assert.equal(bounds[0], 0.001);
  assert.equal(bounds[6], 1000);
  for (let i = 1; i < 7; i++) {
    assert.ok(Math.abs(bounds[i]! / bounds[i - 1]! - 10) < 1e-9);
  }
});

test("linearBuckets() and the exponential ones refuse illegal arguments with advice", () => {
  const refused: [() => unknown, RegExp][] = [
    [() => linearBuckets(0, 0, 3), /width 0: give a width above 0/],
    [() => linearBuckets(0, NaN, 3), /width NaN: give a width above 0/],
    [() => linearBuckets(0, 1, 0), /0 linear buckets: give a whole number/],
    [() => linearBuckets(0, 1, 2.5), /2\.5 linear buckets/],
    [() => linearBuckets(0, 1, Infinity), /Infinity linear buckets/],
    [() => exponentialBuckets(0, 2, 3), /from 0 by 2: give a start above 0/],
    [() => exponentialBuckets(-1, 2, 3), /from -1 by 2/],
    [() => exponentialBuckets(1, 1, 3), /factor above 1/],
    [() => exponentialBuckets(1, 2, -1), /-1 exponential buckets/],
    [() => exponentialRange(1, 1, 3), /from 1 to 1: give 0 < lowest/],
    [() => exponentialRange(1, 2, 1), /count of at least 2/],
    [() => exponentialRange(0, 2, 3), /from 0 to 2/],
  ];
  for (const [call, message] of refused) {
    assert.throws(call, { name: "RangeError", message });
  }
});

test("histogram() accepts buckets with or without +Inf at the end", () => {
  assert.deepEqual(boundsOf([1, 2, Infinity]), [1, 2]);
  assert.deepEqual(boundsOf([1, 2]), [1, 2]);
  assert.deepEqual(boundsOf([Infinity]), []);
  assert.deepEqual(boundsOf([]), []);
  assert.deepEqual(boundsOf(undefined), [...DEFAULT_BUCKETS]);
});

test("histogram() accepts buckets below zero, and in a typed array", () => {
  assert.deepEqual(boundsOf([-2, 0, 2]), [-2, 0, 2]);
  assert.deepEqual(boundsOf(Float64Array.of(1, 2, Infinity)), [1, 2]);
});

test("histogram() refuses buckets that do not rise, and names the bound", () => {
  const refused: [unknown, RegExp][] = [
    [[1, 1], /histogram "x": bucket 1 does not follow 1; give finite/],
    [[2, 1], /bucket 1 does not follow 2/],
    [[1, 2, 3, 2.5], /bucket 2\.5 does not follow 3/],
    [[-0, 0], /bucket 0 does not follow 0/],
    [[NaN], /bucket NaN is not a finite number; give upper bounds such as/],
    [[1, NaN, 2], /bucket NaN does not follow 1/],
    [[-Infinity, 1], /bucket -Infinity is not a finite number/],
    [[1, Infinity, Infinity], /bucket Infinity does not follow 1/],
    [[Infinity, 1], /bucket Infinity is not a finite number/],
    [["1", "2"], /bucket 1 is not a finite number/],
    [[null], /bucket null is not a finite number/],
  ];
  for (const [buckets, message] of refused) {
    assert.throws(() => boundsOf(buckets), { name: "RangeError", message });
  }
});

test("law: bucketOf() returns the first bound not below the value", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), {
        maxLength: 80,
      }),
      anyNumber(),
      fc.boolean(),
      (list, anyOther, isOnBound) => {
        const bounds = Float64Array.from(list).sort();
        const value = isOnBound ? list[0] ?? anyOther : anyOther;
        const first = bounds.findIndex((bound) => value <= bound);
        const naive = first < 0 ? bounds.length : first;
        assert.equal(bucketOf(bounds, value), naive);
      },
    ),
    { numRuns: 500 },
  );
});
