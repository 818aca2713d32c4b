/**
 * Quantiles of buckets, by the rules of `histogram_quantile` of PromQL: classic
 * buckets are interpolated linearly, native ones exponentially.
 */
import {
  type FamilyInfo,
  NATIVE_SCHEMA,
  ZERO_BUCKET,
} from "../../src/dashboard/protocol.ts";

/** Counts of buckets, by the number of the bucket. */
export type BucketCounts = ReadonlyMap<number, number>;

/** A quantile, and the bucket that it lies in: it is no finer than that. */
export interface Quantile {
  readonly value: number;
  readonly from: number;
  /** Infinity for the bucket above the last bound. */
  readonly to: number;
}

/** Buckets a doubling. */
const PER_DOUBLING = 2 ** NATIVE_SCHEMA;

/** Returns the bounds of a bucket: from (excluded) and to (included). */
export function bucketRange(
  { native, bounds }: Pick<FamilyInfo, "native" | "bounds">,
  bucket: number,
): { readonly from: number; readonly to: number } {
  if (native) {
    if (bucket === ZERO_BUCKET) return { from: 0, to: 0 };
    return {
      from: 2 ** ((bucket - 1) / PER_DOUBLING),
      to: 2 ** (bucket / PER_DOUBLING),
    };
  }
  const to = bounds?.[bucket] ?? Infinity;
  const below = bounds?.[bucket - 1];
  // The first bucket begins at zero, unless its bound is not above zero.
  return { from: below ?? (to > 0 ? 0 : -Infinity), to };
}

/**
 * Returns the quantile `q` (0 to 1) of buckets; undefined if they are empty or have
 * no bounds. Above the last bound of classic buckets, the value is that bound, as
 * in PromQL.
 */
export function quantileOf(
  family: Pick<FamilyInfo, "native" | "bounds">,
  counts: BucketCounts,
  q: number,
): Quantile | undefined {
  if (!family.native && !family.bounds?.length) return undefined;
  let total = 0;
  const numbers: number[] = [];
  for (const [bucket, count] of counts) {
    if (!(count > 0)) continue;
    total += count;
    numbers.push(bucket);
  }
  if (total === 0) return undefined;
  numbers.sort((a, b) => a - b);
  const rank = q * total;
  let below = 0;
  let bucket = numbers[0]!;
  for (bucket of numbers) {
    const count = counts.get(bucket)!;
    if (below + count >= rank) break;
    below += count;
  }
  const { from, to } = bucketRange(family, bucket);
  const share = Math.min(1, (rank - below) / counts.get(bucket)!);
  return { value: between(family, from, to, share), from, to };
}

function between(
  { native }: Pick<FamilyInfo, "native">,
  from: number,
  to: number,
  share: number,
): number {
  if (to === Infinity) return from;
  if (from === -Infinity) return to;
  if (native && from > 0) return from * (to / from) ** share;
  return from + (to - from) * share;
}
