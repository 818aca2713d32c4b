/** Copies of borrowed views, for `capture` and `merge`. */
import type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  NativeView,
  SummaryView,
} from "./points.ts";

/** Copies an exemplar. */
export function copyExemplar(exemplar: Exemplar): Exemplar {
  const { labels, value, timestamp } = exemplar;
  return { labels: { ...labels }, value, timestamp };
}

/** Copies a histogram. If its bounds equal `bounds`, the copy shares that array. */
export function copyHistogram(
  view: HistogramView,
  bounds?: Float64Array,
): HistogramView {
  const native = nativeOf(view);
  const shared = bounds !== undefined && sameNumbers(bounds, view.bounds);
  return {
    count: view.count,
    sum: view.sum,
    bounds: shared ? bounds : view.bounds.slice(),
    counts: view.counts.slice(),
    exemplars: view.exemplars.map((exemplar) =>
      exemplar && copyExemplar(exemplar)
    ),
    ...(native && { native: copyNative(native) }),
  };
}

/**
 * Returns the native buckets of a view; undefined if other code has added them to
 * `Object.prototype`.
 */
export function nativeOf({ native }: HistogramView): NativeView | undefined {
  const { native: inherited } = Object.prototype as Partial<HistogramView>;
  return native === inherited ? undefined : native ?? undefined;
}

/** Copies a summary. */
export function copySummary(view: SummaryView): SummaryView {
  const { count, sum, quantiles, values } = view;
  return { count, sum, quantiles: quantiles.slice(), values: values.slice() };
}

function copyNative(native: NativeView): NativeView {
  const { schema, zeroThreshold, zeroCount, positive, negative } = native;
  return {
    schema,
    zeroThreshold,
    zeroCount,
    positive: copySide(positive),
    negative: copySide(negative),
  };
}

function copySide(side: DenseBuckets): DenseBuckets {
  const { offset, size, counts, overflow } = side;
  return { offset, size, counts: counts.slice(0, size), overflow };
}

/** Returns whether two arrays hold the same numbers in the same order. */
export function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
