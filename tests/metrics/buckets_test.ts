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

test("linearBuckets() and the exponential ones have no floating-point noise", () => {
  assert.deepEqual(linearBuckets(0.1, 0.1, 4), [0.1, 0.2, 0.3, 0.4]);
  assert.deepEqual(linearBuckets(0.02, 0.01, 5), [
    0.02,
    0.03,
    0.04,
    0.05,
    0.06,
  ]);
  assert.deepEqual(linearBuckets(-0.3, 0.1, 5), [-0.3, -0.2, -0.1, 0, 0.1]);
  assert.deepEqual(exponentialBuckets(0.1, 3, 4), [0.1, 0.3, 0.9, 2.7]);
  assert.deepEqual(exponentialBuckets(0.001, 1.1, 3), [0.001, 0.0011, 0.00121]);
  assert.deepEqual(exponentialRange(1, 1000, 4), [1, 10, 100, 1000]);
  assert.deepEqual(exponentialRange(0.005, 5, 4), [0.005, 0.05, 0.5, 5]);
  assert.deepEqual(exponentialRange(1e-300, 1e300, 3), [1e-300, 1, 1e300]);
});

/** A decimal with up to six digits. */
const anyDecimal = (): fc.Arbitrary<number> =>
  fc.tuple(
    fc.integer({ min: 1, max: 999_999 }),
    fc.integer({ min: -9, max: 3 }),
  )
    .map(([digits, exponent]) => Number(`${digits}e${exponent}`));

test("law: linearBuckets() are the closest numbers to the exact decimals", () => {
  const count = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(anyDecimal(), anyDecimal(), count, (start, width, count) => {
      const whole = (value: number) => BigInt(Math.round(value * 1e9));
      linearBuckets(start, width, count).forEach((bound, i) => {
        const exact = whole(start) + BigInt(i) * whole(width);
        assert.equal(bound, Number(`${exact}e-9`));
      });
    }),
  );
});

test("law: exponentialBuckets() rise, each by the factor", () => {
  const anyFactor = fc.integer({ min: 11, max: 90 });
  const count = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(anyDecimal(), anyFactor, count, (start, tenths, count) => {
      const bounds = exponentialBuckets(start, tenths / 10, count);
      bounds.forEach((bound, i) => {
        const exact = BigInt(Math.round(start * 1e9)) *
          BigInt(tenths) ** BigInt(i);
        assert.equal(bound, Number(`${exact}e${-9 - i}`));
        assert.ok(i === 0 || bound > bounds[i - 1]!);
      });
    }),
  );
});

test("law: exponentialRange() rises by a constant factor", () => {
  const count = fc.integer({ min: 2, max: 40 });
  fc.assert(
    fc.property(anyDecimal(), anyDecimal(), count, (a, b, count) => {
      fc.pre(a !== b);
      const [lowest, highest] = [Math.min(a, b), Math.max(a, b)];
      const bounds = exponentialRange(lowest, highest, count);
      assert.equal(bounds.length, count);
      assert.equal(bounds[0], lowest);
      assert.equal(bounds.at(-1), highest);
      bounds.forEach((bound, i) => {
        const share = i / (count - 1);
        const exact = lowest ** (1 - share) * highest ** share;
        assert.ok(Math.abs(bound - exact) <= 1e-13 * exact);
        assert.ok(i === 0 || bound > bounds[i - 1]!);
      });
    }),
  );
});

test("linearBuckets() and the exponential ones refuse illegal arguments with advice", () => {
  const refused: [() => unknown, RegExp][] = [
    [() => linearBuckets(0, 0, 3), /width 0: give a width above 0/],
    [() => linearBuckets(0, NaN, 3), /width NaN: give a width above 0/],
    [() => linearBuckets(NaN, 1, 3), /from NaN: give a finite start/],
    [() => linearBuckets(0, Infinity, 3), /width Infinity: give a width/],
    [() => linearBuckets(0, 1, 0), /0 linear buckets: give a whole number/],
    [() => linearBuckets(0, 1, 2.5), /2\.5 linear buckets/],
    [() => linearBuckets(0, 1, Infinity), /Infinity linear buckets/],
    [() => exponentialBuckets(0, 2, 3), /from 0 by 2: give a start above 0/],
    [() => exponentialBuckets(-1, 2, 3), /from -1 by 2/],
    [() => exponentialBuckets(1, 1, 3), /factor above 1/],
    [() => exponentialBuckets(1, 2, -1), /-1 exponential buckets/],
    [() => exponentialRange(1, 1, 3), /from 1 to 1: give 0 < lowest/],
    [() => exponentialRange(1, 2, 1), /count of at least 2/],
    [() => exponentialRange(1, 2, 2.5), /2\.5 exponential buckets/],
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
