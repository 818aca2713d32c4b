/**
 * Points of OTLP as values of this module: checked, or rejected with a reason.
 *
 * - Exponential buckets become native ones: their index is one higher, because
 *   Prometheus counts buckets by their upper bound. A scale above 8 is reduced,
 *   one below -4 has no counterpart.
 * - A sum that is absent is NaN: nobody knows it.
 */
import { infinityBucket } from "../base/internal.ts";
import type { DenseBuckets, HistogramView, SummaryView } from "../model/mod.ts";
import { bucketExemplars, newestExemplars } from "./exemplars.ts";
import { invalid, type Rejection } from "./rejection.ts";
import { COARSEST, indexAt, MAX_BUCKETS } from "./sums.ts";
import type {
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  OtlpBuckets,
  SummaryPoint,
} from "./wire/messages.ts";

/** The maximum number of quantiles of a summary. */
const MAX_QUANTILES = 128;

/** Returns the number of a point. */
export function numberOf(
  { asDouble, asInt }: NumberPoint,
): number | Rejection {
  return asDouble ?? asInt ?? invalid("it has no value");
}

/** Returns a histogram with classic buckets. */
export function classicOf(
  { count = 0, sum, bucketCounts, explicitBounds, exemplars }: HistogramPoint,
): HistogramView | Rejection {
  const bounds = Float64Array.from(explicitBounds);
  // Without buckets, there is the one of infinity.
  const hasCounts = bucketCounts.length > 0 || bounds.length > 0;
  const counts = Float64Array.from(hasCounts ? bucketCounts : [count]);
  if (bounds.length > MAX_BUCKETS) {
    return invalid(`it has more than ${MAX_BUCKETS} buckets`);
  }
  if (counts.length !== bounds.length + 1) {
    return invalid("it must have one count more than it has bounds");
  }
  const isRising = (bound: number, at: number): boolean =>
    Math.abs(bound) < Infinity && (at === 0 || bound > bounds[at - 1]!);
  if (!bounds.every(isRising)) return invalid("its bounds must rise");
  let total = 0;
  for (const bucket of counts) total += bucket;
  if (!isSameTotal(total, count)) return invalid(UNEVEN);
  return {
    count: total,
    sum: sum ?? NaN,
    bounds,
    counts,
    exemplars: bucketExemplars(exemplars, bounds),
  };
}

const UNEVEN = "its counts do not add up to its count";

/** Returns whether two totals are equal, apart from rounding beyond 2^53. */
function isSameTotal(a: number, b: number): boolean {
  return a === b ||
    Math.min(a, b) > Number.MAX_SAFE_INTEGER && Math.abs(a - b) <= a * 2 ** -20;
}

const NO_BOUNDS = /* @__PURE__ */ new Float64Array(0);

const NO_BUCKETS: DenseBuckets = /* @__PURE__ */ Object.freeze({
  offset: 0,
  size: 0,
  counts: NO_BOUNDS,
  overflow: 0,
});

/** The finest resolution that Prometheus has. */
const FINEST = 8;

/** The finest resolution that is read; the scales of SDKs begin at 20. */
const MAX_SCALE = 32;

/** Returns a histogram with native buckets. */
export function nativeOf(
  point: ExponentialPoint,
): HistogramView | Rejection {
  const { count = 0, sum, scale = 0, zeroCount = 0, zeroThreshold = 0 } = point;
  if (scale < COARSEST || scale > MAX_SCALE) {
    return invalid(`its scale must be ${COARSEST} to ${MAX_SCALE}`);
  }
  if (!(zeroThreshold >= 0 && zeroThreshold < Infinity)) {
    return invalid("its zero threshold must be a number from 0 on");
  }
  const sides = [spanOf(point.positive), spanOf(point.negative)] as const;
  if (!sides.every((span) => isLegal(span, scale))) {
    return invalid("it has a bucket beyond all numbers");
  }
  let steps = Math.max(0, scale - FINEST);
  while (sides.some((span) => sizeOf(span, steps) > MAX_BUCKETS)) steps++;
  const [positive, negative] = sides.map((span) => sideOf(span, steps));
  const total = zeroCount + sides[0].total + sides[1].total;
  if (!isSameTotal(total, count)) return invalid(UNEVEN);
  return {
    count: total,
    sum: sum ?? NaN,
    bounds: NO_BOUNDS,
    counts: Float64Array.of(total),
    exemplars: newestExemplars(point.exemplars),
    native: {
      schema: scale - steps,
      zeroThreshold,
      zeroCount,
      positive: positive!,
      negative: negative!,
    },
  };
}

/** The buckets of one side between the first and the last that counts. */
interface Span {
  readonly counts: readonly number[];
  /** Where in `counts` the first one is; beyond `last` if there is none. */
  readonly first: number;
  readonly last: number;
  /** The index of `counts[0]`, as Prometheus counts. */
  readonly offset: number;
  readonly total: number;
}

function spanOf(
  { offset = 0, bucketCounts }: OtlpBuckets = { bucketCounts: [] },
): Span {
  let [first, last, total] = [bucketCounts.length, -1, 0];
  for (let at = 0; at < bucketCounts.length; at++) {
    const count = bucketCounts[at]!;
    if (count === 0) continue;
    if (last < 0) first = at;
    last = at;
    total += count;
  }
  return { counts: bucketCounts, first, last, offset: offset + 1, total };
}

/** Returns whether the buckets hold numbers that a float64 can have. */
function isLegal({ first, last, offset }: Span, scale: number): boolean {
  return first > last || offset + first >= -1074 * 2 ** scale &&
      offset + last < infinityBucket(scale);
}

function sizeOf({ first, last, offset }: Span, steps: number): number {
  if (first > last) return 0;
  return indexAt(offset + last, steps) - indexAt(offset + first, steps) + 1;
}

function sideOf(span: Span, steps: number): DenseBuckets {
  const size = sizeOf(span, steps);
  const counts = new Float64Array(size);
  if (size === 0) return NO_BUCKETS;
  const offset = indexAt(span.offset + span.first, steps);
  for (let at = span.first; at <= span.last; at++) {
    counts[indexAt(span.offset + at, steps) - offset]! += span.counts[at]!;
  }
  return { offset, size, counts, overflow: 0 };
}

/** Returns a summary. */
export function summaryOf(
  { count = 0, sum = 0, quantileValues }: SummaryPoint,
): SummaryView | Rejection {
  if (quantileValues.length > MAX_QUANTILES) {
    return invalid(`it has more than ${MAX_QUANTILES} quantiles`);
  }
  const sorted = quantileValues
    .map(({ quantile = 0, value = 0 }) => ({ quantile, value }))
    .sort((a, b) => a.quantile - b.quantile);
  const isRising = sorted.every(({ quantile }, at) =>
    quantile >= 0 && quantile <= 1 &&
    (at === 0 || quantile > sorted[at - 1]!.quantile)
  );
  if (!isRising) return invalid("its quantiles must differ, from 0 to 1");
  return {
    count,
    sum,
    quantiles: Float64Array.from(sorted, ({ quantile }) => quantile),
    values: Float64Array.from(sorted, ({ value }) => value),
  };
}
