/**
 * The columns of several series, put together and kept up to date.
 *
 * - A column in which no series has data is NaN; else absent ones are left out.
 * - When the axis moves on, only the columns that can have changed are summed
 *   again: cost is series × new columns, not series × columns.
 */
import type { Axis, Series } from "../../core/data.ts";
import type { Fold } from "./promql.ts";

/** The columns of some series, put together. */
export class ColumnSums {
  readonly series: readonly Series[];
  readonly #fold: Fold;
  readonly #isPlain: boolean;
  #axis: Axis | null = null;

  /** Observations or growth (sum), or levels by the fold. */
  values: Float64Array = new Float64Array();
  /** Growth of the sums of histograms; empty for other types. */
  sums: Float64Array = new Float64Array();
  /** Growth of each bucket of histograms, by the number of the bucket. */
  readonly buckets: Map<number, Float64Array> = new Map();
  /** Quantiles of summaries, the largest of all series; empty for other types. */
  quantiles: Float64Array[] = [];

  /** `isPlain`: only `values` are put together. */
  constructor(series: readonly Series[], fold: Fold, isPlain = false) {
    this.series = series;
    this.#fold = fold;
    this.#isPlain = isPlain;
  }

  /** Brings the columns up to date with the series, which are those of `axis`. */
  update(axis: Axis): void {
    const first = this.#move(axis);
    const { columns } = axis;
    this.values.fill(NaN, first);
    this.sums.fill(NaN, first);
    for (const bucket of this.buckets.values()) bucket.fill(0, first);
    for (const quantile of this.quantiles) quantile.fill(NaN, first);
    const counts = this.#fold === "avg" ? new Uint32Array(columns) : null;
    for (const one of this.series) {
      fold(this.values, one.values, first, this.#fold === "max");
      if (!this.#isPlain) this.#addParts(one, first, columns);
      if (counts === null) continue;
      for (let i = first; i < columns; i++) {
        if (!Number.isNaN(one.values[i]!)) counts[i]!++;
      }
    }
    if (counts === null) return;
    for (let i = first; i < columns; i++) {
      if (counts[i]! > 0) this.values[i]! /= counts[i]!;
    }
  }

  #addParts(one: Series, first: number, columns: number): void {
    if (one.sums !== undefined) {
      if (this.sums.length === 0) this.sums = filled(columns, NaN);
      fold(this.sums, one.sums, first, false);
    }
    this.#addBuckets(one, first, columns);
    one.quantiles?.forEach((quantile, index) => {
      this.quantiles[index] ??= filled(columns, NaN);
      fold(this.quantiles[index]!, quantile, first, true);
    });
  }

  #addBuckets(one: Series, first: number, columns: number): void {
    if (one.buckets === undefined) return;
    for (const [bucket, counts] of one.buckets) {
      let sums = this.buckets.get(bucket);
      if (sums === undefined) {
        sums = new Float64Array(columns);
        this.buckets.set(bucket, sums);
        // A bucket that is met for the first time may have older counts.
        for (const other of this.series) {
          const older = other.buckets?.get(bucket);
          if (older !== undefined) add(sums, older, 0, first);
        }
      }
      add(sums, counts, first, columns);
    }
  }

  /** Moves the columns to a new axis; returns the first that must be summed. */
  #move(axis: Axis): number {
    const known = this.#axis;
    this.#axis = axis;
    const moved = known === null
      ? NaN
      : Math.round((axis.from - known.from) / axis.step);
    const { columns } = axis;
    if (
      known === null || known.step !== axis.step || known.columns !== columns ||
      !(moved >= 0 && moved < columns)
    ) {
      this.values = filled(columns, NaN);
      this.sums = new Float64Array();
      this.buckets.clear();
      this.quantiles = [];
      return 0;
    }
    const all = [
      this.values,
      this.sums,
      ...this.buckets.values(),
      ...this.quantiles,
    ];
    for (const array of all) array.copyWithin(0, moved);
    // After a cut, frames fill columns over which the axis has moved already.
    const lastFrame = Math.floor((known.to - axis.from) / axis.step) - 1;
    return Math.max(0, Math.min(columns - moved - 1, lastFrame));
  }
}

function filled(columns: number, value: number): Float64Array {
  return new Float64Array(columns).fill(value);
}

/** Folds one array into another; NaN is no data. */
function fold(
  into: Float64Array,
  from: Float64Array,
  first: number,
  isMax: boolean,
): void {
  for (let i = first; i < into.length; i++) {
    const value = from[i]!;
    if (Number.isNaN(value)) continue;
    const known = into[i]!;
    if (Number.isNaN(known)) into[i] = value;
    else if (!isMax) into[i] = known + value;
    else if (value > known) into[i] = value;
  }
}

function add(
  into: Float64Array,
  from: Float64Array,
  first: number,
  end: number,
): void {
  for (let i = first; i < end; i++) {
    const value = from[i]!;
    if (!Number.isNaN(value)) into[i]! += value;
  }
}
