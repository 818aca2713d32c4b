/**
 * The change of a series between two reads.
 *
 * - A total that has fallen, or that started again, is a reset: its growth is
 *   the new total. Growth is never negative, except in gauge histograms.
 * - A series that is read for the first time has no growth, unless it began
 *   after the read before.
 */
import type { HistogramView, SummaryView } from "../../model/mod.ts";
import type { Change } from "../protocol.ts";
import type { KnownSeries } from "./known_series.ts";
import { nativeCounts, regrouped } from "./native_counts.ts";
import { shortNumber } from "./short_number.ts";

/** The numbers from which a series has grown. */
type Base = "last" | "zero" | "none";

/** Marks that the source wrote a series; returns whether it did not before. */
function arrive(series: KnownSeries, start: number): boolean {
  const isNew = !series.isThere;
  series.isThere = series.wasRead = true;
  series.start = start;
  return isNew;
}

/** Returns the change of a series that is no longer written. */
export function absence(series: KnownSeries): Change | undefined {
  if (!series.isThere) return undefined;
  series.isThere = false;
  return [series.id, null];
}

/** `readAt`: unix time of the read before, by the clock that made `start`. */
function baseOf(series: KnownSeries, start: number, readAt: number): Base {
  const isFresh = start > 0 && start >= readAt;
  if (!series.wasRead) return isFresh ? "zero" : "none";
  return isFresh && start !== series.start ? "zero" : "last";
}

/** Returns the change of a counter; undefined if it has not changed. */
export function counterChange(
  series: KnownSeries,
  total: number,
  start: number,
  readAt: number,
): Change | undefined {
  if (!Number.isFinite(total)) return absence(series);
  const base = baseOf(series, start, readAt);
  const before = base === "none" ? total : base === "zero" ? 0 : series.total;
  const growth = total < before ? total : total - before;
  series.total = total;
  const isNew = arrive(series, start);
  return growth === 0 && !isNew ? undefined : [series.id, shortNumber(growth)];
}

/** Returns the change of a level; undefined if it has not changed. */
export function levelChange(
  series: KnownSeries,
  value: number,
): Change | undefined {
  const level = Number.isFinite(value) ? shortNumber(value) : NaN;
  const isSame = Object.is(level, series.total);
  series.total = level;
  const isNew = arrive(series, 0);
  if (isSame && !isNew) return undefined;
  return [series.id, finiteOrNull(level)];
}

/** Returns the change of a histogram; undefined if it has not changed. */
export function histogramChange(
  series: KnownSeries,
  view: HistogramView,
  start: number,
  readAt: number,
): Change | undefined {
  const base = baseOf(series, start, readAt);
  const { isNative, desc } = series.family;
  const canFall = desc.type === "gaugehistogram";
  const grown = isNative && view.native !== undefined
    ? nativeGrowth(series, view.native, base, canFall)
    : classicGrowth(series, view.counts, base, canFall);
  const sum = grown.isReset ? view.sum : view.sum - series.sum;
  series.sum = view.sum;
  series.total = view.count;
  const isNew = arrive(series, start);
  const { pairs } = grown;
  if (pairs.length === 0 && !isNew) return undefined;
  const isStill = base === "none" || pairs.length === 0;
  return [series.id, isStill ? 0 : shortOrNull(sum), ...pairs];
}

/** Buckets and what they have grown by. */
interface Growth {
  readonly pairs: readonly number[];
  readonly isReset: boolean;
}

function classicGrowth(
  series: KnownSeries,
  counts: Float64Array,
  base: Base,
  canFall: boolean,
): Growth {
  const before = series.cells ??= new Float64Array(counts.length);
  let isReset = base === "zero";
  for (let at = 0; at < before.length && !isReset && !canFall; at++) {
    isReset = base === "last" && counts[at]! < before[at]!;
  }
  const pairs: number[] = [];
  for (let at = 0; at < before.length && base !== "none"; at++) {
    const growth = counts[at]! - (isReset ? 0 : before[at]!);
    if (growth !== 0) pairs.push(at, shortNumber(growth));
  }
  before.set(counts.subarray(0, before.length));
  return { pairs, isReset };
}

function nativeGrowth(
  series: KnownSeries,
  view: NonNullable<HistogramView["native"]>,
  base: Base,
  canFall: boolean,
): Growth {
  const counts = nativeCounts(view);
  let before = regrouped(series.buckets ?? new Map(), view, counts);
  series.buckets = counts;
  if (base === "none") return { pairs: [], isReset: false };
  let isReset = base === "zero";
  for (const [bucket, number] of before) {
    if (!canFall && (counts.get(bucket) ?? 0) < number) isReset = true;
    else if (!counts.has(bucket)) counts.set(bucket, 0);
  }
  if (isReset) before = new Map();
  const pairs: number[] = [];
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    const growth = counts.get(bucket)! - (before.get(bucket) ?? 0);
    if (growth !== 0) pairs.push(bucket, shortNumber(growth));
  }
  return { pairs, isReset };
}

/** Returns the change of a summary; undefined if it has not changed. */
export function summaryChange(
  series: KnownSeries,
  view: SummaryView,
  start: number,
  readAt: number,
): Change | undefined {
  const base = baseOf(series, start, readAt);
  const isReset = base === "zero" || view.count < series.total;
  const isNone = base === "none";
  const count = isNone ? 0 : view.count - (isReset ? 0 : series.total);
  const sum = isNone ? 0 : view.sum - (isReset ? 0 : series.sum);
  series.total = view.count;
  series.sum = view.sum;
  const values = series.cells ??= new Float64Array(view.values.length);
  let isSame = count === 0;
  const quantiles: (number | null)[] = [];
  for (let at = 0; at < values.length; at++) {
    const value = shortOrNull(view.values[at]!);
    const kept = value ?? NaN;
    isSame &&= Object.is(values[at], kept);
    values[at] = kept;
    quantiles.push(value);
  }
  const isNew = arrive(series, start);
  if (isSame && !isNew) return undefined;
  return [series.id, shortNumber(count), shortOrNull(sum), ...quantiles];
}

function shortOrNull(value: number): number | null {
  return Number.isFinite(value) ? shortNumber(value) : null;
}

function finiteOrNull(level: number): number | null {
  return Number.isNaN(level) ? null : level;
}
