/**
 * One series' state at collection.
 *
 * Views are borrowed: they are valid during the call that hands them over, and
 * who keeps one copies it.
 */

/** A single observation that stands for others, with a pointer to its trace. */
export interface Exemplar {
  /** Usually `trace_id` and `span_id`; at most 128 code points in all. */
  readonly labels: Readonly<Record<string, string>>;
  /** What was observed. */
  readonly value: number;
  /** Unix seconds; 0 means unknown. */
  readonly timestamp: number;
}

/**
 * A distribution in buckets: classic ones with the given bounds, native ones
 * of exponential width, or both.
 *
 * Native ones alone are told by `native` and no bounds; `counts` then holds
 * one number, the count.
 */
export interface HistogramView {
  /** All observations, NaN among them. */
  readonly count: number;
  /** Their sum, in the unit of the family. */
  readonly sum: number;
  /** Upper bounds, rising, without `+Inf`; none if there is native alone. */
  readonly bounds: Float64Array;
  /** Per bucket, not cumulative; one more than there are bounds. */
  readonly counts: Float64Array;
  /**
   * The exemplar of each classic bucket; may be shorter than `counts`. With
   * native buckets alone: any number of exemplars, by rising value.
   */
  readonly exemplars: readonly (Exemplar | undefined)[];
  /** The native buckets, if there are any. */
  readonly native?: NativeView | undefined;
}

/** Buckets of exponential width: see `bucketIndex` for where each one ends. */
export interface NativeView {
  /** Resolution, -4 to 8: `2^schema` buckets to every power of two. */
  readonly schema: number;
  /** Magnitudes up to it are counted as zero. */
  readonly zeroThreshold: number;
  /** How many were counted as zero. */
  readonly zeroCount: number;
  /** Buckets of what is above zero. */
  readonly positive: DenseBuckets;
  /** Buckets of what is below zero, by magnitude. */
  readonly negative: DenseBuckets;
}

/** One side of a native histogram. */
export interface DenseBuckets {
  /** The index of the first bucket; whatever it is where `size` is 0. */
  readonly offset: number;
  /** How many buckets there are, empty ones among them. */
  readonly size: number;
  /** Per bucket, not cumulative; may be longer than `size`. */
  readonly counts: Float64Array;
  /**
   * Infinite observations: their bucket is one past that of the largest
   * float64, too far away to be dense.
   */
  readonly overflow: number;
}

/** Count and sum, and quantiles where they were asked for. */
export interface SummaryView {
  /** All observations. */
  readonly count: number;
  /** Their sum, in the unit of the family. */
  readonly sum: number;
  /** Ranks from 0 to 1, rising; may be empty. */
  readonly quantiles: Float64Array;
  /** The value at each rank; NaN when nothing was observed. */
  readonly values: Float64Array;
}
