/**
 * Values in columns of time, made ready to be drawn: merged to columns that are
 * wide enough to be seen, aligned to the clock, and with gaps as gaps.
 *
 * Pure; nothing here knows the document.
 */
import type { Axis } from "../core/data.ts";

/** Values in columns of equal width; NaN is no data. */
export interface Track {
  /** Start of the first column, in unix seconds. */
  readonly from: number;
  /** Seconds of a column. */
  readonly step: number;
  readonly values: Float64Array;
}

/** A span of time in unix seconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Columns are multiples of the step of the axis that divide an hour. */
const HOUR = 3600;

/** Returns the end of the last column of an axis. */
export function endOf(axis: Axis): number {
  return axis.from + axis.columns * axis.step;
}

/**
 * Returns the seconds of a column, at least the step of the axis, that make it
 * `least` pixels wide when `span` seconds take `width` pixels.
 */
export function columnStep(
  axis: Axis,
  width: number,
  least: number,
  span = axis.columns * axis.step,
): number {
  const wanted = Math.ceil(
    least * span / Math.max(1, width) / axis.step - 1e-6,
  );
  for (let merge = Math.max(1, wanted); merge * axis.step < HOUR; merge++) {
    if (HOUR % (merge * axis.step) === 0) return merge * axis.step;
  }
  return Math.max(HOUR, axis.step);
}

/** Returns the start of the merged column in which an axis begins. */
export function firstColumn(axis: Axis, step: number): number {
  return Math.floor(axis.from / step + 1e-9) * step;
}

/** Returns the number of merged columns that cover an axis. */
export function columnCount(axis: Axis, step: number): number {
  return Math.ceil((endOf(axis) - firstColumn(axis, step)) / step - 1e-9);
}

/** Folds the columns of an axis to wider ones. */
function fold(
  axis: Axis,
  step: number,
  each: (into: number, column: number) => void,
): void {
  const from = firstColumn(axis, step);
  for (let i = 0; i < axis.columns; i++) {
    each(Math.floor((axis.from + i * axis.step - from) / step + 1e-9), i);
  }
}

function empty(axis: Axis, step: number): Track {
  const values = new Float64Array(columnCount(axis, step)).fill(NaN);
  return { from: firstColumn(axis, step), step, values };
}

/** A last column that is younger than this share of it has no rate yet. */
const YOUNGEST = 0.25;

/** Returns the sum of two values, of which either may be unknown: NaN. */
function added(sum: number, value: number): number {
  if (Number.isNaN(value)) return sum;
  return Number.isNaN(sum) ? value : sum + value;
}

/**
 * Returns what counters grew by in a second: the sums of all `series` in each
 * column, divided by the seconds that were sampled in it.
 */
export function rateTrack(
  axis: Axis,
  series: readonly Float64Array[],
  step = axis.step,
): Track {
  const track = empty(axis, step);
  const { values } = track;
  const sampled = new Float64Array(values.length);
  fold(axis, step, (into, column) => {
    let sum = NaN;
    for (const each of series) {
      sum = added(sum, each[column]!);
    }
    if (Number.isNaN(sum)) return;
    const begin = axis.from + column * axis.step;
    sampled[into]! += Math.min(axis.step, axis.to - begin);
    values[into] = added(values[into]!, sum);
  });
  for (let i = 0; i < values.length; i++) {
    values[i] = sampled[i]! > 0 ? values[i]! / sampled[i]! : NaN;
  }
  const last = values.length - 1;
  if (last > 0 && sampled[last]! < step * YOUNGEST) {
    values[last] = values[last - 1]!;
  }
  return track;
}

/** Returns the last level of each column; of several series, their sum. */
export function levelTrack(
  axis: Axis,
  series: readonly Float64Array[],
  step = axis.step,
): Track {
  const track = empty(axis, step);
  fold(axis, step, (into, column) => {
    let sum = NaN;
    for (const each of series) {
      sum = added(sum, each[column]!);
    }
    if (!Number.isNaN(sum)) track.values[into] = sum;
  });
  return track;
}

/** Returns the value of a track at a time; NaN outside and in gaps. */
export function valueAt(track: Track, time: number): number {
  const column = Math.floor((time - track.from) / track.step + 1e-9);
  return track.values[column] ?? NaN;
}

/** Returns the last value that is known; NaN if there is none. */
export function lastOf(values: Float64Array): number {
  for (let i = values.length - 1; i >= 0; i--) {
    if (!Number.isNaN(values[i])) return values[i]!;
  }
  return NaN;
}

/** Returns the last known value within a span. */
export function endValue(track: Track, span: Span): number {
  const end = Math.ceil((span.to - track.from) / track.step - 1e-6);
  return lastOf(track.values.subarray(0, Math.max(0, end)));
}

/** Returns the largest value of the tracks within a span; 0 if there is none. */
export function largestOf(tracks: readonly Track[], span: Span): number {
  let largest = 0;
  for (const { from, step, values } of tracks) {
    const first = Math.max(0, Math.floor((span.from - from) / step));
    const end = Math.min(values.length, Math.ceil((span.to - from) / step));
    for (let i = first; i < end; i++) {
      if (values[i]! > largest) largest = values[i]!;
    }
  }
  return largest;
}

/** Returns the least value of a track within a span; 0 if none is below zero. */
export function leastOf({ from, step, values }: Track, span: Span): number {
  const negated = { from, step, values: values.map((value) => -value) };
  return -largestOf([negated], span);
}

/** The usual of a value: from its 10th to its 90th percentile. */
export interface Usual {
  readonly low: number;
  readonly high: number;
}

/** Fewer known columns than this are no usual. */
const FEWEST = 12;

/**
 * Returns the usual of values. `isCalm` takes the lower half alone: an incident
 * of some minutes is then no part of it. Null if too little is known.
 */
export function usualOf(values: Float64Array, isCalm = false): Usual | null {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (known.length < FEWEST) return null;
  const end = isCalm ? Math.ceil(known.length / 2) : known.length;
  return {
    low: known[Math.floor(0.1 * (end - 1))]!,
    high: known[Math.ceil(0.9 * (end - 1))]!,
  };
}

/** A point of time on the paper that may be left out. */
export interface Mark {
  readonly time: number;
  readonly value: number;
  readonly isFailed: boolean;
}

/** A paper has at most this many marks side by side. */
export const MARK_SLOTS = 40;

/**
 * Thins marks: in each of some equal parts of the span one is left, failures
 * first, then the largest. Parts are aligned to the clock, so that a mark does
 * not come and go.
 */
export function thin<T extends Mark>(
  marks: readonly T[],
  span: Span,
  slots = MARK_SLOTS,
): T[] {
  const slot = (span.to - span.from) / slots;
  const kept = new Map<number, T>();
  for (const mark of marks) {
    if (mark.time < span.from || mark.time > span.to) continue;
    const at = Math.floor(mark.time / slot);
    const before = kept.get(at);
    if (before === undefined || isAhead(mark, before)) kept.set(at, mark);
  }
  return [...kept.values()].sort((a, b) => a.time - b.time);
}

function isAhead(mark: Mark, before: Mark): boolean {
  if (mark.isFailed !== before.isFailed) return mark.isFailed;
  return mark.value > before.value;
}
