/**
 * Merges two histograms of the same layout.
 *
 * Native buckets are merged at the coarser of the two resolutions. Each halving
 * of the resolution moves bucket `i` to `ceil(i / 2)`. If zero thresholds or
 * resolutions differ, the greater threshold applies, extended to the end of its
 * bucket; everything below it is counted as zero.
 */
import { bucketBound, bucketIndex } from "../base/internal.ts";
import { nativeOf } from "./copies.ts";
import type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  NativeView,
} from "./points.ts";

/** Exemplars per native histogram, the same as without merging. */
const MAX_EXEMPLARS = 10;

/** Returns the layout in words; histograms must have the same one to merge. */
export function layoutOf(view: HistogramView): string {
  const classic = `buckets [${view.bounds.join(", ")}]`;
  return nativeOf(view) === undefined ? classic : `${classic} and native ones`;
}

/**
 * Adds two counts or totals of counters. Those that are too large stay at the
 * largest float64: an infinite total never comes back.
 */
export function addCounts(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_VALUE);
}

/** Merges two histograms of the same layout. */
export function mergeHistograms(
  a: HistogramView,
  b: HistogramView,
): HistogramView {
  const [ofA, ofB] = [nativeOf(a), nativeOf(b)];
  const nativeOnly = ofA !== undefined && a.bounds.length === 0;
  const size = Math.max(a.exemplars.length, b.exemplars.length);
  return {
    count: addCounts(a.count, b.count),
    sum: a.sum + b.sum,
    bounds: a.bounds,
    counts: a.counts.map((count, i) => addCounts(count, b.counts[i]!)),
    exemplars: nativeOnly
      ? newestExemplars([...a.exemplars, ...b.exemplars])
      : Array.from(
        { length: size },
        (_, i) => newestExemplar(a.exemplars[i], b.exemplars[i]),
      ),
    ...(ofA && ofB && { native: mergeNatives(ofA, ofB) }),
  };
}

function mergeNatives(a: NativeView, b: NativeView): NativeView {
  const schema = Math.min(a.schema, b.schema);
  const alike = a.schema === b.schema && a.zeroThreshold === b.zeroThreshold;
  const widest = Math.max(a.zeroThreshold, b.zeroThreshold);
  const end = alike || widest === 0 ? -Infinity : bucketIndex(widest, schema);
  const merge = (ofA: DenseBuckets, ofB: DenseBuckets) =>
    mergeSides([[ofA, a.schema - schema], [ofB, b.schema - schema]], end);
  const positive = merge(a.positive, b.positive);
  const negative = merge(a.negative, b.negative);
  return {
    schema,
    zeroThreshold: end === -Infinity ? widest : bucketBound(end, schema),
    zeroCount: a.zeroCount + b.zeroCount + positive.zeros + negative.zeros,
    positive: positive.side,
    negative: negative.side,
  };
}

/**
 * Merges the buckets of one sign; `steps` is how often the resolution of a side
 * is halved. Buckets up to index `end` are counted as zeros, and empty buckets
 * at both ends are dropped.
 */
function mergeSides(
  sides: readonly (readonly [side: DenseBuckets, steps: number])[],
  end: number,
): { readonly side: DenseBuckets; readonly zeros: number } {
  const indexOf = (at: number, steps: number) => Math.ceil(at / 2 ** steps) + 0; // never -0
  let zeros = 0;
  let overflow = 0;
  let [lowest, highest] = [Infinity, -Infinity];
  for (const [side, steps] of sides) {
    overflow += side.overflow;
    for (let i = 0; i < side.size; i++) {
      const count = side.counts[i]!;
      const index = indexOf(side.offset + i, steps);
      if (index <= end) zeros += count;
      else if (count > 0) {
        lowest = Math.min(lowest, index);
        highest = Math.max(highest, index);
      }
    }
  }
  const size = lowest === Infinity ? 0 : highest - lowest + 1;
  const offset = size === 0 ? 0 : lowest;
  const counts = new Float64Array(size);
  for (const [side, steps] of sides) {
    for (let i = 0; i < side.size; i++) {
      const count = side.counts[i]!;
      const index = indexOf(side.offset + i, steps);
      if (index > end && count > 0) counts[index - offset]! += count;
    }
  }
  return { side: { offset, size, counts, overflow }, zeros };
}

/** Returns the newest exemplars without duplicates, by rising value. */
function newestExemplars(
  exemplars: readonly (Exemplar | undefined)[],
): Exemplar[] {
  const sorted = exemplars.filter((exemplar) => exemplar !== undefined)
    .sort((a, b) => orderExemplars(b, a));
  return sorted
    .filter((exemplar, i) =>
      i === 0 || orderExemplars(exemplar, sorted[i - 1]!) !== 0
    )
    .slice(0, MAX_EXEMPLARS)
    .sort((a, b) =>
      +Number.isNaN(a.value) - +Number.isNaN(b.value) ||
      orderNumbers(a.value, b.value) || orderExemplars(a, b)
    );
}

/** Returns the newer of two exemplars, or the only one if one is undefined. */
export function newestExemplar(
  a: Exemplar | undefined,
  b: Exemplar | undefined,
): Exemplar | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return orderExemplars(a, b) > 0 ? a : b;
}

/** Orders exemplars by time, then by value, then by labels; 0 if equal. */
function orderExemplars(a: Exemplar, b: Exemplar): number {
  const text = ({ labels }: Exemplar) =>
    JSON.stringify(Object.entries(labels).sort());
  const order = orderNumbers(a.timestamp, b.timestamp) ||
    orderNumbers(a.value, b.value);
  if (order !== 0) return order;
  const [x, y] = [text(a), text(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Orders numbers, also NaN and zeros: NaN is the least, and -0 is below 0. */
export function orderNumbers(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a)) return -1;
  if (Number.isNaN(b)) return 1;
  if (a === b) return Object.is(a, -0) ? -1 : 1;
  return a < b ? -1 : 1;
}
