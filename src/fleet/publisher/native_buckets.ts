/** Sums and differences of native buckets. */
import type {
  DenseBuckets,
  HistogramView,
  NativeView,
} from "../../model/mod.ts";
import { bucketBound } from "../../base/internal.ts";
import { mergeHistograms } from "../../model/internal.ts";

/** The part of a histogram that does not matter for its native buckets. */
const NOTHING: HistogramView = {
  count: 0,
  sum: 0,
  bounds: new Float64Array(0),
  counts: new Float64Array(1),
  exemplars: [],
};

/** Most series have one side only, and arrays are expensive. */
const NO_COUNTS = /* @__PURE__ */ new Float64Array(0);

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
  const positive = subtractSide(now, then, "positive");
  const negative = subtractSide(now, then, "negative");
  return {
    schema: now.schema,
    zeroThreshold: now.zeroThreshold,
    zeroCount: now.zeroCount - then.zeroCount - positive.zeros -
      negative.zeros,
    positive: positive.side,
    negative: negative.side,
  };
}

/** Subtracts one side; `zeros` are in the zero bucket of `now`. */
function subtractSide(
  now: NativeView,
  then: NativeView,
  sign: "positive" | "negative",
): { readonly side: DenseBuckets; readonly zeros: number } {
  const { offset, size, overflow } = now[sign];
  const earlier = then[sign];
  const counts = now[sign].counts.slice(0, size);
  const width = 2 ** (then.schema - now.schema);
  let zeros = 0;
  for (let i = 0; i < earlier.size; i++) {
    const count = earlier.counts[i]!;
    const index = earlier.offset + i;
    const at = Math.ceil(index / width) - offset;
    const isZero = bucketBound(index, then.schema) <= now.zeroThreshold;
    if (!isZero && counts[at]! >= count) counts[at]! -= count;
    else zeros += count;
  }
  const side = { offset, size, counts, overflow: overflow - earlier.overflow };
  return { side, zeros };
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

function copySide(
  { offset, size, counts, overflow }: DenseBuckets,
): DenseBuckets {
  const copy = size === 0 ? NO_COUNTS : counts.slice(0, size);
  return { offset, size, counts: copy, overflow };
}
