/**
 * Rates and quantiles over a moving window of columns, as `rate(…[1m])` has them.
 *
 * - A column without data has no value; in windows it is left out.
 * - The last column counts for as long as it has come.
 */
import type { FamilyInfo } from "../../src/dashboard/protocol.ts";
import type { Axis } from "./data.ts";
import { quantileOf } from "./quantiles.ts";

/** Seconds that the last column covers until now. */
export function lastSeconds({ from, step, columns, to }: Axis): number {
  const passed = to - (from + (columns - 1) * step);
  return passed > 0 && passed < step ? passed : step;
}

/** Number of columns of a window of some seconds. */
export function windowColumns({ step }: Axis, window: number): number {
  return Math.max(1, Math.round(window / step));
}

/**
 * Growth a second over the `window` seconds that end with each column. `covered`
 * is a number where time was sampled: a series that is new was not there before,
 * but the time was. Default: where there are values.
 */
export function movingRate(
  values: Float64Array,
  axis: Axis,
  window: number,
  covered: Float64Array = values,
): Float64Array {
  const width = windowColumns(axis, window);
  const rates = new Float64Array(values.length).fill(NaN);
  const last = values.length - 1;
  let sampled = 0;
  let sum = 0;
  for (let i = 0; i <= last; i++) {
    const value = values[i]!;
    if (i >= width) {
      sum -= values[i - width]! || 0;
      if (!Number.isNaN(covered[i - width]!)) sampled--;
    }
    if (!Number.isNaN(covered[i]!)) sampled++;
    if (Number.isNaN(value)) continue;
    // Subtractions leave traces; the largest error is that of the first value.
    sum = Math.max(0, sum + value);
    const seconds = sampled * axis.step -
      (i === last ? axis.step - lastSeconds(axis) : 0);
    rates[i] = sum / seconds;
  }
  return rates;
}

/**
 * Quantiles of the buckets of the `window` seconds that end with each column, one
 * array for each of `qs`. Cost: columns × buckets.
 *
 * @param values Numbers of observations, by column; NaN where no data is.
 */
export function movingQuantiles(
  family: Pick<FamilyInfo, "native" | "bounds">,
  buckets: ReadonlyMap<number, Float64Array>,
  values: Float64Array,
  qs: readonly number[],
  axis: Axis,
  window: number,
): Float64Array[] {
  const width = windowColumns(axis, window);
  const results = qs.map(() => new Float64Array(values.length).fill(NaN));
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    for (const [bucket, columns] of buckets) {
      const old = i < width ? 0 : columns[i - width]! || 0;
      const count = (counts.get(bucket) ?? 0) + (columns[i]! || 0) - old;
      counts.set(bucket, count);
    }
    if (Number.isNaN(values[i]!)) continue;
    qs.forEach((q, index) => {
      results[index]![i] = quantileOf(family, counts, q)?.value ?? NaN;
    });
  }
  return results;
}

/** Adds up the last `window` seconds of columns; NaN if none has data. */
export function lastSum(
  values: Float64Array,
  axis: Axis,
  window: number,
): number {
  let sum = NaN;
  const first = Math.max(0, values.length - windowColumns(axis, window));
  for (let i = first; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    sum = Number.isNaN(sum) ? value : sum + value;
  }
  return sum;
}

/** Returns the newest level that is known; NaN if none is. */
export function lastLevel(values: Float64Array): number {
  for (let i = values.length - 1; i >= 0; i--) {
    if (!Number.isNaN(values[i]!)) return values[i]!;
  }
  return NaN;
}
