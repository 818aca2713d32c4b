/**
 * Figures of some series together, for the last seconds: what the table says and
 * the lines are chosen by. Cost: series × columns of the window.
 */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { Axis, Series } from "../../core/data.ts";
import { quantileOf } from "../../core/quantiles.ts";
import {
  lastLevel,
  lastSeconds,
  lastSum,
  windowColumns,
} from "../../core/windows.ts";
import type { Fold } from "./promql.ts";

/**
 * Returns growth a second in the last `window` seconds; NaN without data.
 *
 * @param covered A number in each column in which time was sampled.
 */
export function rateNow(
  series: readonly Series[],
  axis: Axis,
  window: number,
  covered: Float64Array,
): number {
  let sum = NaN;
  for (const { values } of series) {
    const grown = lastSum(values, axis, window);
    if (!Number.isNaN(grown)) sum = Number.isNaN(sum) ? grown : sum + grown;
  }
  return sum / sampledSeconds(axis, window, covered);
}

function sampledSeconds(
  axis: Axis,
  window: number,
  covered: Float64Array,
): number {
  const last = covered.length - 1;
  const first = Math.max(0, covered.length - windowColumns(axis, window));
  let seconds = 0;
  for (let i = first; i <= last; i++) {
    if (Number.isNaN(covered[i]!)) continue;
    seconds += i === last ? lastSeconds(axis) : axis.step;
  }
  return seconds;
}

/** Adds up the sums of histograms over the last seconds; NaN without data. */
export function sumNow(
  series: readonly Series[],
  axis: Axis,
  window: number,
): number {
  let total = NaN;
  for (const { sums } of series) {
    if (sums === undefined) continue;
    const sum = lastSum(sums, axis, window);
    if (!Number.isNaN(sum)) total = Number.isNaN(total) ? sum : total + sum;
  }
  return total;
}

/** Returns quantiles of histograms over the last seconds; NaN without data. */
export function quantilesNow(
  family: FamilyInfo,
  series: readonly Series[],
  qs: readonly number[],
  axis: Axis,
  window: number,
): number[] {
  const counts = new Map<number, number>();
  for (const { buckets } of series) {
    for (const [bucket, columns] of buckets ?? []) {
      const sum = lastSum(columns, axis, window);
      if (sum > 0) counts.set(bucket, (counts.get(bucket) ?? 0) + sum);
    }
  }
  return qs.map((q) => quantileOf(family, counts, q)?.value ?? NaN);
}

/** Returns a quantile of summaries, the largest of all; NaN without data. */
export function summaryNow(series: readonly Series[], index: number): number {
  let most = NaN;
  for (const { quantiles } of series) {
    const columns = quantiles?.[index];
    const value = columns === undefined ? NaN : columns[columns.length - 1]!;
    if (!(value <= most) && !Number.isNaN(value)) most = value;
  }
  return most;
}

/** Levels of gauges: now, and the least and the largest of the range. */
export interface Levels {
  readonly now: number;
  readonly least: number;
  readonly most: number;
}

/** Returns the levels of one series. */
export function levelsOf({ values, least, most }: Series): Levels {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    low = Math.min(low, least?.[i] ?? values[i]!);
    high = Math.max(high, most?.[i] ?? values[i]!);
  }
  return {
    now: lastLevel(values),
    least: low === Infinity ? NaN : low,
    most: high === -Infinity ? NaN : high,
  };
}

/** Puts levels of several series together, as the lines do. */
export function levelNow(series: readonly Series[], fold: Fold): number {
  let folded = NaN;
  let known = 0;
  for (const { values } of series) {
    const level = values[values.length - 1] ?? NaN;
    if (Number.isNaN(level)) continue;
    known++;
    if (Number.isNaN(folded)) folded = level;
    else if (fold === "max") folded = Math.max(folded, level);
    else folded += level;
  }
  return fold === "avg" ? folded / known : folded;
}

/** Sums the totals of series: counters, or the counts of others. */
export function totalOf(series: readonly Series[]): number {
  return series.reduce((sum, { total }) => sum + total, 0);
}

/**
 * Returns the seconds since the newest column in which a series has changed; null
 * if none has in the range. Levels have changed where they differ from the one
 * before.
 */
export function sinceChange(
  series: readonly Series[],
  axis: Axis,
  isLevel: boolean,
): number | null {
  for (let i = axis.columns - 1; i >= 0; i--) {
    const hasChanged = ({ values }: Series) =>
      isLevel
        ? i > 0 && values[i]! !== values[i - 1]! && !Number.isNaN(values[i]!) &&
          !Number.isNaN(values[i - 1]!)
        : values[i]! > 0;
    if (!series.some(hasChanged)) continue;
    return Math.max(
      0,
      axis.to - Math.min(axis.to, axis.from + (i + 1) * axis.step),
    );
  }
  return null;
}
