/**
 * Two histograms of one layout as one.
 *
 * Native buckets meet at the coarser of both resolutions: bucket `i` becomes
 * `ceil(i / 2)` with each step. Where zero thresholds or resolutions differ, the
 * greater threshold holds, up to the end of its bucket: what lies below is zero.
 */
import { bucketBound, bucketIndex } from "../base/internal.ts";
import type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  NativeView,
} from "./points.ts";

/** As many as a native histogram carries from one process. */
const MOST_EXEMPLARS = 10;

/** What two histograms must have in common, in words. */
export function layoutOf({ bounds, native }: HistogramView): string {
  const classic = `buckets [${bounds.join(", ")}]`;
  return native === undefined ? classic : `${classic} and native ones`;
}

/** Both of them as one; their layouts must be the same. */
export function mergeHistograms(
  a: HistogramView,
  b: HistogramView,
): HistogramView {
  const nativeOnly = a.native !== undefined && a.bounds.length === 0;
  const size = Math.max(a.exemplars.length, b.exemplars.length);
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    bounds: a.bounds,
    counts: a.counts.map((count, i) => count + b.counts[i]!),
    exemplars: nativeOnly
      ? spread([...a.exemplars, ...b.exemplars])
      : Array.from(
        { length: size },
        (_, i) => newestExemplar(a.exemplars[i], b.exemplars[i]),
      ),
    ...(a.native && b.native && { native: mergeNatives(a.native, b.native) }),
  };
}

function mergeNatives(a: NativeView, b: NativeView): NativeView {
  const schema = Math.min(a.schema, b.schema);
  const alike = a.schema === b.schema && a.zeroThreshold === b.zeroThreshold;
  const most = Math.max(a.zeroThreshold, b.zeroThreshold);
  const end = alike || most === 0 ? -Infinity : bucketIndex(most, schema);
  const unite = (one: DenseBuckets, other: DenseBuckets) =>
    united([[one, a.schema - schema], [other, b.schema - schema]], end);
  const positive = unite(a.positive, b.positive);
  const negative = unite(a.negative, b.negative);
  return {
    schema,
    zeroThreshold: end === -Infinity ? most : bucketBound(end, schema),
    zeroCount: a.zeroCount + b.zeroCount + positive.zeros + negative.zeros,
    positive: positive.side,
    negative: negative.side,
  };
}

/**
 * Sides as one, each made coarser by so many steps. What lies up to bucket
 * `end` is counted as zero. There are no empty buckets at the ends.
 */
function united(
  sides: readonly (readonly [side: DenseBuckets, steps: number])[],
  end: number,
): { readonly side: DenseBuckets; readonly zeros: number } {
  const found: (readonly [index: number, count: number])[] = [];
  let zeros = 0;
  let overflow = 0;
  for (const [side, steps] of sides) {
    overflow += side.overflow;
    for (let i = 0; i < side.size; i++) {
      const count = side.counts[i]!;
      const index = Math.ceil((side.offset + i) / 2 ** steps) + 0; // never -0
      if (index <= end) zeros += count;
      else if (count > 0) found.push([index, count]);
    }
  }
  let [lowest, highest] = [Infinity, -Infinity];
  for (const [index] of found) {
    lowest = Math.min(lowest, index);
    highest = Math.max(highest, index);
  }
  const offset = found.length === 0 ? 0 : lowest;
  const size = found.length === 0 ? 0 : highest - lowest + 1;
  const counts = new Float64Array(size);
  for (const [index, count] of found) counts[index - offset]! += count;
  return { side: { offset, size, counts, overflow }, zeros };
}

/** The youngest ones of a list, each once, by rising value. */
function spread(all: readonly (Exemplar | undefined)[]): Exemplar[] {
  const sorted = all.filter((one) => one !== undefined)
    .sort((a, b) => orderExemplars(b, a));
  return sorted
    .filter((one, i) => i === 0 || orderExemplars(one, sorted[i - 1]!) !== 0)
    .slice(0, MOST_EXEMPLARS)
    .sort((a, b) =>
      +Number.isNaN(a.value) - +Number.isNaN(b.value) ||
      orderNumbers(a.value, b.value) || orderExemplars(a, b)
    );
}

/** The younger of two, if there are two. */
export function newestExemplar(
  a: Exemplar | undefined,
  b: Exemplar | undefined,
): Exemplar | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return orderExemplars(a, b) > 0 ? a : b;
}

/** By time, then by whatever tells them apart; 0 if nothing does. */
function orderExemplars(a: Exemplar, b: Exemplar): number {
  const text = ({ labels }: Exemplar) =>
    JSON.stringify(Object.entries(labels).sort());
  const order = orderNumbers(a.timestamp, b.timestamp) ||
    orderNumbers(a.value, b.value);
  if (order !== 0) return order;
  const [x, y] = [text(a), text(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** A total order of numbers: NaN is the least, and -0 comes before 0. */
export function orderNumbers(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a)) return -1;
  if (Number.isNaN(b)) return 1;
  if (a === b) return Object.is(a, -0) ? -1 : 1;
  return a < b ? -1 : 1;
}
