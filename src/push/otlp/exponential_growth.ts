/** The growth of exponential histograms, whose resolution may have fallen. */
import type { ExponentialData, Side } from "./metric_encoding.ts";

/**
 * Returns the growth from `before` to `now`; undefined if there is none, and `now`
 * if the histogram has started again.
 */
export function exponentialGrowth(
  before: ExponentialData,
  now: ExponentialData,
): ExponentialData | undefined {
  const steps = before.scale - now.scale;
  if (steps < 0 || now.zeroThreshold < before.zeroThreshold) return now;
  const positive = withoutZeros(before.positive, before, now);
  const negative = withoutZeros(before.negative, before, now);
  const zeros = before.zeroCount + positive.zeros + negative.zeros;
  const above = minus(now.positive, coarser(positive.side, steps));
  const below = minus(now.negative, coarser(negative.side, steps));
  const isReset = above === undefined || below === undefined ||
    now.zeroCount < zeros;
  if (isReset) return now;
  if (now.count === before.count) return undefined;
  return {
    ...now,
    count: now.count - before.count,
    sum: now.sum === undefined ? undefined : now.sum - (before.sum ?? 0),
    zeroCount: now.zeroCount - zeros,
    positive: above,
    negative: below,
  };
}

/** Bounds are powers, of which two are never closer than this. */
const TOLERANCE = 1e-6;

/** Takes off the buckets that the zero bucket has swallowed since. */
function withoutZeros(
  { offset, size, counts }: Side,
  { scale, zeroThreshold }: ExponentialData,
  now: ExponentialData,
): { readonly side: Side; readonly zeros: number } {
  const limit = now.zeroThreshold * (1 + TOLERANCE);
  let zeros = 0;
  let cut = 0;
  if (now.zeroThreshold > zeroThreshold) {
    while (cut < size && 2 ** ((offset + cut + 1) / 2 ** scale) <= limit) {
      zeros += counts[cut++]!;
    }
  }
  const side = {
    offset: offset + cut,
    size: size - cut,
    counts: counts.subarray(cut),
  };
  return { side, zeros };
}

/** Returns a side with buckets merged `steps` times: `i` becomes `i >> 1`. */
function coarser(side: Side, steps: number): Side {
  if (steps === 0 || side.size === 0) return side;
  const width = 2 ** steps;
  const offset = Math.floor(side.offset / width);
  const last = Math.floor((side.offset + side.size - 1) / width);
  const size = last - offset + 1;
  const counts = new Float64Array(size);
  for (let i = 0; i < side.size; i++) {
    const index = Math.floor((side.offset + i) / width);
    counts[index - offset]! += side.counts[i]!;
  }
  return { offset, size, counts };
}

/** Returns the difference of two sides; undefined if a bucket has fallen. */
function minus(now: Side, before: Side): Side | undefined {
  const counts = now.counts.slice(0, now.size);
  for (let i = 0; i < before.size; i++) {
    const count = before.counts[i]!;
    if (count === 0) continue;
    const at = before.offset + i - now.offset;
    if (!(at >= 0 && at < now.size && counts[at]! >= count)) return undefined;
    counts[at]! -= count;
  }
  return { offset: now.offset, size: now.size, counts };
}
