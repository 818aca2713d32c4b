/**
 * The observations of histograms in columns of time and rows of buckets: what a
 * heat map and its quantiles are drawn from.
 *
 * Pure; nothing here knows the document.
 */
import type { Axis, Series } from "../core/data.ts";
import { bucketRange, type Quantile, quantileOf } from "../core/quantiles.ts";
import { type FamilyInfo, ZERO_BUCKET } from "../../src/dashboard/protocol.ts";
import { columnCount, firstColumn, type Track } from "./tracks.ts";

/** The part of a family that its buckets depend on. */
export type Bucketed = Pick<FamilyInfo, "bounds" | "native">;

/** The rows of a heat map, lowest first. */
export interface Rows {
  /** Bounds of the rows: row `i` covers `edges[i]` to `edges[i + 1]`. */
  readonly edges: Float64Array;
  readonly length: number;
  /** Whether the last row has no upper bound. */
  readonly hasOver: boolean;
  /** Number of the bucket in row 0. */
  readonly offset: number;
}

/** Returns the rows that suit a family and all buckets of its series. */
export function rowsOf(
  family: Bucketed,
  series: readonly Pick<Series, "buckets">[],
): Rows {
  let first = family.native ? Infinity : 0;
  let last = family.native ? -Infinity : family.bounds?.length ?? 0;
  if (family.native) {
    for (const { buckets } of series) {
      for (const bucket of buckets?.keys() ?? []) {
        if (bucket === ZERO_BUCKET) continue;
        first = Math.min(first, bucket);
        last = Math.max(last, bucket);
      }
    }
    if (first > last) first = last = 0;
  }
  const length = last - first + 1;
  const edges = new Float64Array(length + 1);
  for (let row = 0; row < length; row++) {
    const { from, to } = bucketRange(family, first + row);
    edges[row] = from;
    edges[row + 1] = to;
  }
  return { edges, length, hasOver: !family.native, offset: first };
}

/** Returns the row of a bucket; the zero bucket belongs to the lowest. */
export function rowOf(rows: Rows, bucket: number): number {
  return Math.max(0, Math.min(rows.length - 1, bucket - rows.offset));
}

/** Inputs of a distribution. */
export interface Observations {
  readonly axis: Axis;
  readonly family: Bucketed;
  /** Histograms, whose buckets are added. */
  readonly series: readonly Series[];
  /** Seconds of a column, a multiple of the step of the axis. */
  readonly step: number;
}

/** The window of the quantiles of a column: shorter ones jump. */
export const QUANTILE_WINDOW = 30;

/**
 * The observations of some histograms in columns and rows, and quantiles of each
 * column. `update` computes only the columns that have changed since the last
 * one. The arrays are reused; read them before the next `update`.
 */
export class Distribution {
  rows: Rows = {
    edges: new Float64Array(2),
    length: 1,
    hasOver: true,
    offset: 0,
  };
  from = 0;
  step = 1;
  columns = 0;
  /** Counts by column, then by row. */
  counts = new Float32Array(0);
  /** Observations of each column; NaN if it has no data. */
  totals = new Float64Array(0);
  /** Sum of the observations of each column. */
  sums = new Float64Array(0);
  /** The quantiles that `track` returns. */
  readonly qs: readonly number[];
  #family: Bucketed = { bounds: null, native: false };
  #lines: Float64Array[] = [];
  #series: readonly Series[] = [];
  #key = "";

  constructor(qs: readonly number[] = []) {
    this.qs = qs;
    this.#lines = qs.map(() => new Float64Array(0));
  }

  /** Reads what has changed; `isAll`: reads everything again. */
  update(of: Observations, isAll = false): void {
    const { axis, step, series, family } = of;
    const rows = rowsOf(family, series);
    const columns = columnCount(axis, step);
    const from = firstColumn(axis, step);
    const key = [step, axis.step, rows.length, rows.offset, axis.gaps.length]
      .join();
    const moved = Math.round((from - this.from) / step);
    const kept = this.columns - moved;
    // A series that was loaded again is another object, with other columns.
    const isSame = series.length === this.#series.length &&
      series.every((each, i) => each === this.#series[i]);
    const isNew = isAll || !isSame || key !== this.#key || moved < 0 ||
      kept <= 0 ||
      kept > columns;
    this.rows = rows;
    this.#family = family;
    this.#resize(columns, isNew ? 0 : moved);
    this.#key = key;
    this.#series = isSame ? this.#series : [...series];
    this.from = from;
    this.step = step;
    // The last column grows, and the one before it may have grown since.
    const first = isNew ? 0 : Math.max(0, kept - 2);
    for (let column = first; column < columns; column++) {
      this.#read(of, column);
    }
    for (let column = first; column < columns; column++) {
      this.#measure(column);
    }
  }

  /** Moves the columns to the left by `moved`; the rest is read afterwards. */
  #resize(columns: number, moved: number): void {
    const { length } = this.rows;
    if (columns * length !== this.counts.length || columns !== this.columns) {
      this.counts = resized(this.counts, new Float32Array(columns * length));
      this.totals = resized(this.totals, new Float64Array(columns));
      this.sums = resized(this.sums, new Float64Array(columns));
      this.#lines = this.#lines.map((line) =>
        resized(line, new Float64Array(columns))
      );
      this.columns = columns;
    }
    if (moved === 0) return;
    this.counts.copyWithin(0, moved * length);
    for (const each of [this.totals, this.sums, ...this.#lines]) {
      each.copyWithin(0, moved);
    }
  }

  #read({ axis, series, step }: Observations, column: number): void {
    const merge = Math.round(step / axis.step);
    const skipped = Math.round((axis.from - this.from) / axis.step);
    const first = Math.max(0, column * merge - skipped);
    const end = Math.min(axis.columns, (column + 1) * merge - skipped);
    const begin = column * this.rows.length;
    this.counts.fill(0, begin, begin + this.rows.length);
    let total = NaN;
    let sum = 0;
    for (const { values, sums, buckets } of series) {
      for (let i = first; i < end; i++) {
        const value = values[i]!;
        if (Number.isNaN(value)) continue;
        total = Number.isNaN(total) ? value : total + value;
        sum += sums?.[i] || 0;
      }
      for (const [bucket, grown] of buckets ?? []) {
        const at = begin + rowOf(this.rows, bucket);
        for (let i = first; i < end; i++) this.counts[at]! += grown[i] || 0;
      }
    }
    this.totals[column] = total;
    this.sums[column] = sum;
  }

  #measure(column: number): void {
    if (this.qs.length === 0) return;
    const back = Math.max(1, Math.round(QUANTILE_WINDOW / this.step));
    const counts = this.#bucketsOf(Math.max(0, column + 1 - back), column + 1);
    this.qs.forEach((q, index) => {
      this.#lines[index]![column] = Number.isNaN(this.totals[column]!)
        ? NaN
        : quantileOf(this.#family, counts, q)?.value ?? NaN;
    });
  }

  #bucketsOf(first: number, end: number): Map<number, number> {
    const { length, offset } = this.rows;
    const counts = new Map<number, number>();
    for (let row = 0; row < length; row++) {
      let count = 0;
      for (let column = first; column < end; column++) {
        count += this.counts[column * length + row]!;
      }
      if (count > 0) counts.set(offset + row, count);
    }
    return counts;
  }

  /** Returns the start of a column. */
  timeOf(column: number): number {
    return this.from + column * this.step;
  }

  /** Returns the number of the column that holds a time; it need not exist. */
  columnAt(time: number): number {
    return Math.floor((time - this.from) / this.step + 1e-9);
  }

  /** Returns a quantile of the observations between two columns. */
  quantile(q: number, first: number, end: number): Quantile | undefined {
    const counts = this.#bucketsOf(
      Math.max(0, first),
      Math.min(this.columns, end),
    );
    return quantileOf(this.#family, counts, q);
  }

  /**
   * Returns the quantile of number `index` in each column, of the buckets of 30
   * seconds up to its end; NaN where nothing was counted.
   */
  track(index: number): Track {
    return { from: this.from, step: this.step, values: this.#lines[index]! };
  }

  /** Returns the largest count of a cell between two columns; 0 if none. */
  largest(first = 0, end = this.columns): number {
    let largest = 0;
    const { length } = this.rows;
    for (let i = first * length; i < end * length; i++) {
      if (this.counts[i]! > largest) largest = this.counts[i]!;
    }
    return largest;
  }
}

function resized<T extends Float32Array | Float64Array>(from: T, to: T): T {
  to.set(from.subarray(0, to.length));
  return to;
}

/** Steps of the colour of a heat map. */
export const HEAT_STEPS = 5;

/** Returns the colour step, 0 to 4, of a cell by √(count ÷ largest). */
export function heatStep(count: number, largest: number): number {
  const share = Math.sqrt(Math.min(1, count / largest));
  return Math.min(HEAT_STEPS - 1, Math.floor(share * HEAT_STEPS));
}
