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

/** A distribution in buckets. */
export interface HistogramView {
  /** All observations, NaN among them. */
  readonly count: number;
  /** Their sum, in the unit of the family. */
  readonly sum: number;
  /** Upper bounds, rising, without `+Inf`. */
  readonly bounds: Float64Array;
  /** Per bucket, not cumulative; one more than there are bounds. */
  readonly counts: Float64Array;
  /** The exemplar of each bucket; may be shorter than `counts`. */
  readonly exemplars: readonly (Exemplar | undefined)[];
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
