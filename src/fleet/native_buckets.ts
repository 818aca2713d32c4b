/** Sums and differences of native buckets. */
import type { DenseBuckets, HistogramView, NativeView } from "../model/mod.ts";
import { mergeHistograms } from "../model/internal.ts";

/** The part of a histogram that does not matter for its native buckets. */
const NOTHING: HistogramView = {
  count: 0,
  sum: 0,
  bounds: new Float64Array(0),
  counts: new Float64Array(1),
  exemplars: [],
};

/** Returns the sum of two sets of buckets. */
export function addNative(a: NativeView, b: NativeView): NativeView {
  const merged = mergeHistograms({ ...NOTHING, native: a }, {
    ...NOTHING,
    native: b,
  });
  return merged.native!;
}

/**
 * Returns `now` without `then`, an earlier state of the same buckets: meanwhile
 * their resolution may have been halved, and their zero bucket widened.
 */
export function subtractNative(now: NativeView, then: NativeView): NativeView {
  const steps = then.schema - now.schema;
  const positive = subtractSide(now.positive, then.positive, steps);
  const negative = subtractSide(now.negative, then.negative, steps);
  return {
    schema: now.schema,
    zeroThreshold: now.zeroThreshold,
    zeroCount: now.zeroCount - then.zeroCount - positive.zeros -
      negative.zeros,
    positive: positive.side,
    negative: negative.side,
  };
}

/** Subtracts one side; `zeros` are now in the zero bucket. */
function subtractSide(
  now: DenseBuckets,
  then: DenseBuckets,
  steps: number,
): { readonly side: DenseBuckets; readonly zeros: number } {
  const counts = now.counts.slice(0, now.size);
  let zeros = 0;
  for (let i = 0; i < then.size; i++) {
    const count = then.counts[i]!;
    const at = Math.ceil((then.offset + i) / 2 ** steps) - now.offset;
    if (counts[at]! >= count) counts[at]! -= count;
    else zeros += count;
  }
  const { offset, size } = now;
  const overflow = now.overflow - then.overflow;
  return { side: { offset, size, counts, overflow }, zeros };
}

/** Returns a copy of borrowed buckets. */
export function copyNative(view: NativeView): NativeView {
  const { schema, zeroThreshold, zeroCount, positive, negative } = view;
  return {
    schema,
    zeroThreshold,
    zeroCount,
    positive: copySide(positive),
    negative: copySide(negative),
  };
}

function copySide({ offset, size, counts, overflow }: DenseBuckets) {
  return { offset, size, counts: counts.slice(0, size), overflow };
}
