/**
 * Adds differences of histograms to the sum of those before them.
 *
 * The sum is changed in place: a difference costs as much as its own buckets, not
 * those of the sum. Native buckets are added as `mergeHistograms` does, at a
 * resolution at which the sum has at most `MAX_BUCKETS` on each side.
 */
import { bucketBound, bucketIndex } from "../base/internal.ts";
import type { DenseBuckets, HistogramView, NativeView } from "../model/mod.ts";
import { joinedExemplars, newerOf } from "./exemplars.ts";

/** The maximum number of buckets of a histogram, on each side. */
export const MAX_BUCKETS = 2048;

/** The coarsest resolution that Prometheus has. */
export const COARSEST = -4;

/**
 * Returns the sum of a histogram and a difference, which both must be the only
 * reference to their counts; undefined if their buckets differ.
 */
export function addHistograms(
  sum: HistogramView,
  more: HistogramView,
): HistogramView | undefined {
  if (!haveSameBuckets(sum, more)) return undefined;
  const { bounds, counts, native } = sum;
  for (let i = 0; i < counts.length; i++) counts[i]! += more.counts[i]!;
  const total = { count: sum.count + more.count, sum: sum.sum + more.sum };
  if (native === undefined) {
    const exemplars = newerOf(sum.exemplars, more.exemplars);
    return { ...total, bounds, counts, exemplars };
  }
  const exemplars = joinedExemplars(sum.exemplars, more.exemplars);
  const added = addNative(native, more.native!);
  return { ...total, bounds, counts, exemplars, native: added };
}

/** Returns whether two histograms have the same bounds, or both native buckets. */
export function haveSameBuckets(a: HistogramView, b: HistogramView): boolean {
  return (a.native === undefined) === (b.native === undefined) &&
    a.bounds.length === b.bounds.length &&
    a.bounds.every((bound, i) => bound === b.bounds[i]);
}

function addNative(sum: NativeView, more: NativeView): NativeView {
  let schema = Math.min(sum.schema, more.schema);
  for (const side of SIDES) {
    const sides = [[sum[side], sum.schema], [more[side], more.schema]] as const;
    while (schema > COARSEST && widthAt(sides, schema) > MAX_BUCKETS) schema--;
  }
  const isAlike = sum.schema === schema && more.schema === schema &&
    sum.zeroThreshold === more.zeroThreshold;
  const widest = Math.max(sum.zeroThreshold, more.zeroThreshold);
  const end = isAlike || widest === 0 ? -Infinity : bucketIndex(widest, schema);
  let zeroCount = sum.zeroCount + more.zeroCount;
  const added = SIDES.map((side) => {
    const [a, b] = [sum, more].map((view) => {
      const coarse = reduced(view[side], view.schema - schema);
      const rest = above(coarse, end);
      zeroCount += rest.zeros;
      return rest.side;
    });
    return addSides(a!, b!);
  });
  return {
    schema,
    zeroThreshold: end === -Infinity ? widest : bucketBound(end, schema),
    zeroCount,
    positive: added[0]!,
    negative: added[1]!,
  };
}

const SIDES = ["positive", "negative"] as const;

/** Returns the index of a bucket after the resolution was halved `steps` times. */
export function indexAt(index: number, steps: number): number {
  return Math.ceil(index / 2 ** steps) + 0; // never -0
}

/** Returns the number of buckets from the first of some sides to the last. */
function widthAt(
  sides: readonly (readonly [side: DenseBuckets, schema: number])[],
  schema: number,
): number {
  let [first, last] = [Infinity, -Infinity];
  for (const [{ offset, size }, own] of sides) {
    if (size === 0) continue;
    first = Math.min(first, indexAt(offset, own - schema));
    last = Math.max(last, indexAt(offset + size - 1, own - schema));
  }
  return Math.max(0, last - first + 1);
}

/** Returns the buckets at a resolution that is halved `steps` times. */
function reduced(side: DenseBuckets, steps: number): DenseBuckets {
  if (steps === 0 || side.size === 0) return side;
  const offset = indexAt(side.offset, steps);
  const size = indexAt(side.offset + side.size - 1, steps) - offset + 1;
  const counts = new Float64Array(size);
  for (let i = 0; i < side.size; i++) {
    counts[indexAt(side.offset + i, steps) - offset]! += side.counts[i]!;
  }
  return { offset, size, counts, overflow: 0 };
}

/** Returns the buckets above the index `end`, and how many the others count. */
function above(
  side: DenseBuckets,
  end: number,
): { readonly side: DenseBuckets; readonly zeros: number } {
  let [at, zeros] = [0, 0];
  for (; at < side.size; at++) {
    const count = side.counts[at]!;
    if (side.offset + at > end && count > 0) break;
    zeros += count;
  }
  if (at === 0) return { side, zeros };
  return {
    side: {
      offset: at === side.size ? 0 : side.offset + at,
      size: side.size - at,
      counts: side.counts.subarray(at),
      overflow: 0,
    },
    zeros,
  };
}

function addSides(sum: DenseBuckets, more: DenseBuckets): DenseBuckets {
  if (more.size === 0) return sum;
  if (sum.size === 0) return more;
  const offset = Math.min(sum.offset, more.offset);
  const end = Math.max(sum.offset + sum.size, more.offset + more.size);
  const size = end - offset;
  let { counts } = sum;
  if (size > sum.size) {
    counts = new Float64Array(size);
    counts.set(sum.counts.subarray(0, sum.size), sum.offset - offset);
  }
  for (let i = 0; i < more.size; i++) {
    counts[more.offset + i - offset]! += more.counts[i]!;
  }
  return { offset, size, counts, overflow: 0 };
}
