import assert from "node:assert/strict";
import test from "node:test";
import {
  Distribution,
  heatStep,
  QUANTILE_WINDOW,
  rowOf,
  rowsOf,
} from "../../../page/charts/buckets.ts";
import { heatScale } from "../../../page/charts/heat_scale.ts";
import { bucketWords, rangeWords } from "../../../page/charts/words.ts";
import type { Axis, Series } from "../../../page/core/data.ts";
import { quantileOf } from "../../../page/core/quantiles.ts";
import { seconds } from "../../../page/core/units.ts";
import { ZERO_BUCKET } from "../../../src/dashboard/protocol.ts";
import * as fc from "../../support/property.ts";

const CLASSIC = { native: false, bounds: [0.1, 1, 10] };
const NATIVE = { native: true, bounds: null };
const QS = [0.5, 0.95, 0.99];

/** A histogram whose observations are given by column: pairs of bucket and count. */
function histogram(columns: readonly (readonly [number, number][] | null)[]) {
  const buckets = new Map<number, Float64Array>();
  const values = new Float64Array(columns.length);
  const sums = new Float64Array(columns.length);
  columns.forEach((cells, column) => {
    if (cells === null) {
      values[column] = NaN;
      return;
    }
    for (const [bucket, count] of cells) {
      if (!buckets.has(bucket)) {
        buckets.set(bucket, new Float64Array(columns.length));
      }
      buckets.get(bucket)![column]! += count;
      values[column]! += count;
      sums[column]! += count;
    }
  });
  const info = { id: 1, family: 1, values: [] };
  return { info, values, sums, buckets, total: 0 } satisfies Series;
}

function axisOf(columns: number, from = 7200): Axis {
  return { from, step: 1, columns, to: from + columns, gaps: [] };
}

test("rowsOf() has the classic buckets as they are, and one over the last", () => {
  const rows = rowsOf(CLASSIC, []);

  assert.deepEqual([...rows.edges], [0, 0.1, 1, 10, Infinity]);
  assert.equal(rows.length, 4);
  assert.equal(rows.hasOver, true);
});

test("rowsOf() has all native buckets from the lowest to the highest", () => {
  const rows = rowsOf(NATIVE, [
    histogram([[[-3, 1], [ZERO_BUCKET, 2]]]),
    histogram([[[1, 1]]]),
  ]);

  assert.equal(rows.offset, -3);
  assert.equal(rows.length, 5);
  assert.equal(rows.edges[0], 0.5);
  assert.equal(rowOf(rows, ZERO_BUCKET), 0, "zero belongs to the lowest");
  assert.equal(rowOf(rows, 1), 4);
});

test("Distribution adds series, and tells no data from nothing", () => {
  const distribution = new Distribution();
  distribution.update({
    axis: axisOf(3),
    family: CLASSIC,
    step: 1,
    series: [
      histogram([[[0, 2]], [], null]),
      histogram([[[0, 1], [3, 1]], null, null]),
    ],
  });

  assert.deepEqual([...distribution.counts.subarray(0, 4)], [3, 0, 0, 1]);
  assert.deepEqual([...distribution.totals], [4, 0, NaN]);
  assert.equal(distribution.largest(), 3);
});

const anyColumn = fc.option(
  fc.array(
    fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 9 })),
    { maxLength: 3 },
  ),
  { freq: 8 },
);

test("law: what was moved on is what is read anew", () => {
  fc.assert(
    fc.property(
      fc.array(anyColumn, { minLength: 90, maxLength: 120 }),
      fc.constantFrom(1, 2, 3, 5),
      fc.boolean(),
      (columns, step, isNative) => {
        const family = isNative ? NATIVE : CLASSIC;
        const series = [histogram(columns)];
        const moving = new Distribution(QS);
        // The same series object moves: its arrays are windows of all columns.
        const window = histogram(columns.slice(0, 60));
        for (const bucket of series[0]!.buckets.keys()) {
          if (!window.buckets.has(bucket)) {
            window.buckets.set(bucket, new Float64Array(60));
          }
        }
        for (let from = 0; from + 60 <= columns.length; from += 7) {
          window.values.set(series[0]!.values.subarray(from, from + 60));
          window.sums.set(series[0]!.sums.subarray(from, from + 60));
          for (const [bucket, grown] of window.buckets) {
            const all = series[0]!.buckets.get(bucket)!;
            grown.set(all.subarray(from, from + 60));
          }
          const of = {
            axis: axisOf(60, 7200 + from),
            family,
            step,
            series: [window],
          };
          moving.update(of);
          const fresh = new Distribution(QS);
          fresh.update(of);

          assert.equal(moving.from, fresh.from);
          // The first column may have been read when the axis held more of it.
          const skip = step * fresh.rows.length;
          assert.deepEqual(
            moving.counts.subarray(skip),
            fresh.counts.subarray(skip),
          );
          assert.deepEqual(
            moving.totals.subarray(1),
            fresh.totals.subarray(1),
          );
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("law: quantiles of a column are those of its window of buckets", () => {
  fc.assert(
    fc.property(
      fc.array(anyColumn, { minLength: 1, maxLength: 60 }),
      (columns) => {
        const series = histogram(columns);
        const distribution = new Distribution(QS);
        distribution.update({
          axis: axisOf(columns.length),
          family: CLASSIC,
          step: 1,
          series: [series],
        });
        const last = columns.length - 1;
        const first = Math.max(0, last + 1 - QUANTILE_WINDOW);
        const counts = new Map<number, number>();
        for (const [bucket, grown] of series.buckets) {
          const sum = grown.subarray(first).reduce((a, b) => a + b, 0);
          if (sum > 0) counts.set(bucket, sum);
        }
        QS.forEach((q, index) => {
          const expected = columns[last] === null
            ? NaN
            : quantileOf(CLASSIC, counts, q)?.value ?? NaN;
          assert.equal(distribution.track(index).values[last], expected);
          assert.deepEqual(
            distribution.quantile(q, first, last + 1),
            quantileOf(CLASSIC, counts, q),
          );
        });
      },
    ),
    { numRuns: 50 },
  );
});

test("Distribution reads all anew when a series was loaded again", () => {
  const distribution = new Distribution();
  const of = { axis: axisOf(3), family: CLASSIC, step: 1 };
  distribution.update({ ...of, series: [histogram([[[0, 1]], [], []])] });
  distribution.update({ ...of, series: [histogram([[[0, 7]], [], []])] });

  assert.equal(distribution.counts[0], 7);
});

test("heatStep() grows with the root of the share", () => {
  assert.deepEqual(
    [1, 4, 5, 20, 50, 65, 100].map((count) => heatStep(count, 100)),
    [0, 1, 1, 2, 3, 4, 4],
  );
});

test("heatScale() is 1 ms to 10 s, wider if the data is", () => {
  const scaleOf = (
    bounds: number[],
    cells: [number, number][],
  ) => {
    const distribution = new Distribution();
    distribution.update({
      axis: axisOf(1),
      family: { native: false, bounds },
      step: 1,
      series: [histogram([cells])],
    });
    const { low, high } = heatScale(distribution, true);
    return [low, high];
  };

  assert.deepEqual(scaleOf([0.005, 0.1, 10], [[1, 5]]), [0.001, 10]);
  assert.deepEqual(scaleOf([0.005, 0.1, 2.5], []), [0.001, 2.5]);
  assert.deepEqual(scaleOf([0.001, 0.1, 10], [[0, 1]]), [0.0005, 10]);
  assert.deepEqual(scaleOf([0.005, 0.1, 60], [[3, 1]]), [0.001, 60]);
});

test("rangeWords() names a bucket with one unit where it can", () => {
  const spaced = (text: string) => text.replaceAll("\u00a0", " ");

  assert.equal(spaced(rangeWords(1.3, 1.6, seconds)), "1.3 to 1.6 s");
  assert.equal(spaced(rangeWords(0.5, 1, seconds)), "500 ms to 1 s");
  assert.equal(spaced(rangeWords(0, 0.005, seconds)), "0 to 5 ms");
  assert.equal(spaced(rangeWords(10, Infinity, seconds)), "over 10 s");
  assert.equal(spaced(bucketWords(1.3, 1.6, seconds)), "bucket 1.3 to 1.6 s");
  assert.equal(bucketWords(0, 0, seconds), "");
});
