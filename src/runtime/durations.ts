/** A small histogram of durations that needs no registry. */
import type { HistogramView } from "../model/mod.ts";

/** Upper bounds of the buckets, in seconds. */
const BOUNDS = Float64Array.of(
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
);

/** A histogram of seconds. */
export class Durations implements HistogramView {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  readonly exemplars: readonly [] = [];
  readonly native = undefined; // own: see `ownValue`
  count = 0;
  sum = 0;

  /** `bounds` are the upper bounds of the buckets. Default: 1 ms to 2.5 s. */
  constructor(bounds: Float64Array = BOUNDS) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts a duration; ignores NaN and negative numbers. */
  observe(seconds: number): void {
    if (!(seconds >= 0)) return;
    const { bounds } = this;
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    this.counts[bucket < 0 ? bounds.length : bucket]!++;
    this.count++;
    this.sum += seconds;
  }
}
