/** Native buckets in the one resolution that the page has. */
import { bucketIndex, infinityBucket } from "../../base/internal.ts";
import type { DenseBuckets, NativeView } from "../../model/mod.ts";
import { NATIVE_SCHEMA, ZERO_BUCKET } from "../protocol.ts";

/** The bucket of infinite values. */
const INFINITE = infinityBucket(NATIVE_SCHEMA);

/**
 * Returns the counts of `view` by bucket. Coarser resolutions have their counts
 * in the last of the buckets that they cover.
 */
export function nativeCounts(view: NativeView): Map<number, number> {
  const counts = new Map<number, number>();
  const { schema, zeroCount, positive, negative } = view;
  count(counts, ZERO_BUCKET, zeroCount + totalOf(negative));
  // Sources of users may have counts below the least number.
  const least = bucketIndex(Number.MIN_VALUE, schema);
  for (let at = 0; at < positive.size; at++) {
    const bucket = inSchema(Math.max(least, positive.offset + at), schema);
    count(counts, bucket, positive.counts[at]!);
  }
  count(counts, INFINITE, positive.overflow);
  return counts;
}

/**
 * Returns earlier counts as if they had the resolution and the zero bucket of
 * `view`, whose counts are `now`: both can become coarser while a series counts.
 */
export function regrouped(
  earlier: ReadonlyMap<number, number>,
  { schema, zeroThreshold }: NativeView,
  now: ReadonlyMap<number, number>,
): Map<number, number> {
  const counts = new Map<number, number>();
  const coarse = Math.min(schema, NATIVE_SCHEMA);
  const grouped = (bucket: number) =>
    bucket === INFINITE ? bucket : inSchema(
      Math.ceil(bucket / 2 ** (NATIVE_SCHEMA - coarse)) + 0,
      coarse,
    );
  const hasZero = zeroThreshold > 0;
  const edge = hasZero ? bucketIndex(zeroThreshold, NATIVE_SCHEMA) : 0;
  for (const [bucket, number] of earlier) {
    const isZero = bucket === ZERO_BUCKET || hasZero && bucket < edge;
    count(counts, isZero ? ZERO_BUCKET : grouped(bucket), number);
  }
  // The zero bucket may end within this bucket, and have taken a part of it.
  const last = grouped(edge);
  const taken = (counts.get(last) ?? 0) - (now.get(last) ?? 0);
  if (hasZero && taken > 0) {
    count(counts, last, -taken);
    count(counts, ZERO_BUCKET, taken);
  }
  return counts;
}

/** Returns the bucket of `NATIVE_SCHEMA` at the end of bucket `index`. */
function inSchema(index: number, schema: number): number {
  return schema > NATIVE_SCHEMA
    ? Math.ceil(index / 2 ** (schema - NATIVE_SCHEMA)) + 0
    : index * 2 ** (NATIVE_SCHEMA - schema);
}

function totalOf({ size, counts, overflow }: DenseBuckets): number {
  let total = overflow;
  for (let at = 0; at < size; at++) total += counts[at]!;
  return total;
}

function count(
  counts: Map<number, number>,
  bucket: number,
  number: number,
): void {
  if (number !== 0) counts.set(bucket, (counts.get(bucket) ?? 0) + number);
}
