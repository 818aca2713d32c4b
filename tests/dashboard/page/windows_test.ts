import assert from "node:assert/strict";
import { test } from "node:test";
import type { Axis } from "../../../page/core/data.ts";
import { bucketRange, quantileOf } from "../../../page/core/quantiles.ts";
import {
  lastLevel,
  lastSum,
  movingQuantiles,
  movingRate,
} from "../../../page/core/windows.ts";
import { ZERO_BUCKET } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

function axisOf(columns: number, step = 1): Axis {
  const from = 1_700_000_000;
  return { from, step, columns, to: from + columns * step, gaps: [] };
}

const anyCount = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NaN) },
  { weight: 5, arbitrary: fc.nat({ max: 50 }) },
);

const anyColumns = fc.array(anyCount, { minLength: 1, maxLength: 40 })
  .map((counts) => Float64Array.from(counts));

const classic = { native: false, bounds: [0.1, 0.5, 1, 5] };
const native = { native: true, bounds: null };

test("law: a moving rate is the sum of the window over its seconds", () => {
  fc.assert(
    fc.property(
      anyColumns,
      fc.integer({ min: 1, max: 12 }),
      (values, width) => {
        const rates = movingRate(values, axisOf(values.length), width);
        rates.forEach((rate, i) => {
          const window = values.slice(Math.max(0, i - width + 1), i + 1);
          const known = window.filter((value) => !Number.isNaN(value));
          const expected = Number.isNaN(values[i]!)
            ? NaN
            : known.reduce((sum, value) => sum + value, 0) / known.length;
          assert.ok(
            Object.is(rate, expected) || Math.abs(rate - expected) < 1e-9,
            `${rate} is not ${expected}`,
          );
        });
      },
    ),
  );
});

test("movingRate() counts the last column for as long as it has come", () => {
  const axis = { ...axisOf(3, 10), to: 1_700_000_024 };

  const rates = movingRate(Float64Array.of(10, 10, 4), axis, 20);

  assert.deepEqual([...rates], [1, 1, 1]);
});

test("law: moving quantiles are those of the buckets of the window", () => {
  const anyBuckets = fc.array(
    fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 9 })),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(
      anyBuckets,
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(classic, native),
      (rows, width, family) => {
        const buckets = new Map(
          [0, 2, 4].map((bucket, place) =>
            [bucket, Float64Array.from(rows, (row) => row[place]!)] as const
          ),
        );
        const values = Float64Array.from(rows, ([a, b, c]) => a + b + c);

        const [medians] = movingQuantiles(
          family,
          buckets,
          values,
          [0.5],
          axisOf(rows.length),
          width,
        );

        medians!.forEach((median, i) => {
          const counts = new Map([...buckets].map(([bucket, columns]) =>
            [
              bucket,
              columns.slice(Math.max(0, i - width + 1), i + 1)
                .reduce((sum, count) => sum + count, 0),
            ] as const
          ));
          assert.equal(median, quantileOf(family, counts, 0.5)?.value ?? NaN);
        });
      },
    ),
  );
});

test("law: a quantile lies in the bucket that holds its rank, and grows with q", () => {
  const anyCounts = fc.dictionary(
    fc.constantFrom("0", "1", "2", "3", "4"),
    fc.integer({ min: 1, max: 100 }),
    { minKeys: 1 },
  ).map((counts) =>
    new Map(Object.entries(counts).map(([bucket, n]) => [Number(bucket), n]))
  );
  fc.assert(
    fc.property(
      anyCounts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(classic, native),
      (counts, a, b, family) => {
        const low = quantileOf(family, counts, Math.min(a, b))!;
        const high = quantileOf(family, counts, Math.max(a, b))!;
        assert.ok(low.value <= high.value * (1 + 1e-12));
        assert.ok(low.from <= low.value && low.value <= low.to * (1 + 1e-12));
      },
    ),
  );
});

test("quantileOf() interpolates classic buckets as histogram_quantile does", () => {
  const counts = new Map([[0, 10], [1, 10], [3, 20]]);

  assert.equal(quantileOf(classic, counts, 0.25)!.value, 0.1);
  assert.equal(quantileOf(classic, counts, 0.5)!.value, 0.5);
  assert.equal(quantileOf(classic, counts, 0.75)!.value, 3);
  assert.deepEqual(quantileOf(classic, new Map([[4, 1]]), 0.5), {
    value: 5,
    from: 5,
    to: Infinity,
  });
});

test("quantileOf() of nothing, and of buckets without bounds, is unknown", () => {
  assert.equal(quantileOf(classic, new Map(), 0.5), undefined);
  assert.equal(quantileOf(classic, new Map([[1, 0]]), 0.5), undefined);
  assert.equal(
    quantileOf({ native: false, bounds: [] }, new Map([[0, 3]]), 0.5),
    undefined,
  );
});

test("bucketRange() knows four native buckets a doubling, and the zero bucket", () => {
  assert.deepEqual(bucketRange(native, 4), { from: 2 ** 0.75, to: 2 });
  assert.deepEqual(bucketRange(native, ZERO_BUCKET), { from: 0, to: 0 });
  assert.deepEqual(bucketRange(classic, 0), { from: 0, to: 0.1 });
  assert.deepEqual(
    bucketRange({ native: false, bounds: [-1, 1] }, 0),
    { from: -Infinity, to: -1 },
  );
});

test("lastSum() and lastLevel() skip columns without data", () => {
  const values = Float64Array.of(1, 2, NaN, 4, NaN);

  assert.equal(lastSum(values, axisOf(5), 3), 4);
  assert.equal(lastSum(values, axisOf(5), 1), NaN);
  assert.equal(lastLevel(values), 4);
  assert.equal(lastLevel(Float64Array.of(NaN)), NaN);
});
