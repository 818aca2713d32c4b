/**
 * Views: the state of one series during a pass.
 *
 * Views are borrowed: they are valid only during the call that passes them. Copy
 * what you store.
 */

/** An example observation, usually with the ids of its trace. */
export interface Exemplar {
  /** Usually `trace_id` and `span_id`; at most 128 code points in total. */
  readonly labels: Readonly<Record<string, string>>;
  /** The observed value. */
  readonly value: number;
  /** Unix seconds; 0: unknown. */
  readonly timestamp: number;
}

/**
 * A distribution in classic buckets with given bounds, in native buckets of
 * exponential width, or in both.
 *
 * A histogram that only has native buckets has no bounds, and its `counts` hold
 * one number: the count.
 */
export interface HistogramView {
  /** The number of observations, including NaN. */
  readonly count: number;
  /** The sum of the observations, in the unit of the family. */
  readonly sum: number;
  /** Rising upper bounds without `+Inf`; empty with native buckets only. */
  readonly bounds: Float64Array;
  /** Counts per bucket, not cumulative; one more than there are bounds. */
  readonly counts: Float64Array;
  /**
   * The exemplar of each classic bucket; may be shorter than `counts`. With
   * native buckets only: any number of exemplars, by rising value.
   */
  readonly exemplars: readonly (Exemplar | undefined)[];
  /** The native buckets, if there are any. */
  readonly native?: NativeView | undefined;
}

/**
 * Buckets of exponential width: bucket `i` ends at `2^(i / 2^schema)`, included.
 */
export interface NativeView {
  /** The resolution, -4 to 8: `2^schema` buckets per power of two. */
  readonly schema: number;
  /** Values up to this magnitude are counted as zero. */
  readonly zeroThreshold: number;
  /** The number of observations that are counted as zero. */
  readonly zeroCount: number;
  /** The buckets above zero. */
  readonly positive: DenseBuckets;
  /** The buckets below zero, by magnitude. */
  readonly negative: DenseBuckets;
}

/** One side of a native histogram. */
export interface DenseBuckets {
  /** The index of the first bucket; meaningless if `size` is 0. */
  readonly offset: number;
  /** The number of buckets, including empty ones. */
  readonly size: number;
  /** Counts per bucket, not cumulative; may be longer than `size`. */
  readonly counts: Float64Array;
  /**
   * The number of infinite observations. Their bucket follows the bucket of the
   * largest float64: it is too far away for a dense array.
   */
  readonly overflow: number;
}

/** The count and sum of observations, and quantiles if they were declared. */
export interface SummaryView {
  /** The number of observations. */
  readonly count: number;
  /** The sum of the observations, in the unit of the family. */
  readonly sum: number;
  /** Rising ranks from 0 to 1; may be empty. */
  readonly quantiles: Float64Array;
  /** The value at each rank; NaN if nothing was observed. */
  readonly values: Float64Array;
}
