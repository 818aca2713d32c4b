/** A distribution in buckets: durations, sizes. */
import { onSettled } from "../base/internal.ts";
import type { Exemplar, NativeView } from "../model/mod.ts";
import { bucketOf } from "./bucket_layout.ts";
import { add, mark } from "./cells.ts";
import { isCount } from "./host.ts";
import type { ExemplarLabels } from "./labels.ts";
import { MOST_EXEMPLARS } from "./exemplar_spread.ts";
import type { NativeRow, NativeRows } from "./native.ts";
import { type Kind, Series } from "./series.ts";
import type { Table } from "./table.ts";
import { startTimer, type Timer } from "./track.ts";

const addTo = add;
const markIn = mark;

/** One series that observes. */
export interface Histogram {
  /**
   * Counts `value` into the bucket whose upper bound is the first not below
   * it, `count` times.
   *
   * `value` is in the unit of the family (seconds for durations). NaN counts
   * into `+Inf` and makes `sum` NaN, as Prometheus defines it, unless the
   * histogram was declared with `dropNaN`. A `count` that is no whole number
   * from 0 on drops the observation, counted. Cost: one bound search, two
   * additions, no allocation; with native buckets one more search and addition.
   *
   * @throws {RangeError} Only if the registry is strict.
   */
  observe(value: number, count?: number, exemplar?: ExemplarLabels): void;
  /** Observes the seconds that pass until the timer is stopped. */
  startTimer(): Timer;
  /** Observes the seconds that `work` takes, also if it fails. */
  time<T>(work: () => T): T;
  /** How many observations there were. */
  readonly count: number;
  /** Their sum. */
  readonly sum: number;
}

/** A row of a table of histograms: a cell a classic bucket, then the sum. */
export class HistogramSeries extends Series implements Histogram {
  observe(value: number, count = 1, exemplar?: ExemplarLabels): void {
    if (typeof value !== "number" || (count !== 1 && !isCount(count))) {
      return this.table.rejectObservation(value, count);
    }
    const { row, table } = this;
    if (row < 0) {
      const awake = table.awaken(this) as HistogramSeries;
      return awake.observe(value, count, exemplar);
    }
    const { bounds, width, dropNaN, native } = table.kind as HistogramKind;
    const bucket = bucketOf(bounds, value);
    if (bucket === bounds.length && dropNaN && Number.isNaN(value)) {
      return table.reject("not_a_number", value);
    }
    if (count === 0) return;
    if (native !== undefined) native.add(row, table, value, count);
    const { cells } = table;
    const base = row * width;
    addTo(cells, base + bucket, count);
    addTo(cells, base + width - 1, value * count);
    markIn(table.marks, row);
    if (exemplar === undefined && table.slots === undefined) return;
    this.#exemplify(row, bucket, value, exemplar);
  }

  #exemplify(
    row: number,
    bucket: number,
    value: number,
    given: ExemplarLabels | undefined,
  ): void {
    const { table } = this;
    const { bounds, width, native } = table.kind as HistogramKind;
    const cell = row * width + bucket;
    if (native === undefined || bounds.length > 0) {
      if (given === undefined) return table.offer(cell, value);
      return table.attach(cell, given, value);
    }
    const labels = given ?? table.slots?.ask(cell, MOST_EXEMPLARS);
    const kept = labels && table.exemplar(labels, value);
    if (kept !== undefined) native.of(row, table).exemplars.add(kept);
  }

  startTimer(): Timer {
    const { clock } = this.table.host;
    return startTimer(clock, (seconds) => this.observe(seconds));
  }

  time<T>(work: () => T): T {
    const timer = this.startTimer();
    return onSettled(work, () => timer.stop());
  }

  get count(): number {
    let count = 0;
    const buckets = this.table.kind.width - 1;
    for (let i = 0; i < buckets; i++) count += this.table.cellOf(this, i);
    return count;
  }

  get sum(): number {
    return this.table.cellOf(this, this.table.kind.width - 1);
  }
}

/** Histograms of one layout. */
export class HistogramKind implements Kind<HistogramSeries> {
  readonly width: number;
  readonly isPlain: boolean;
  readonly tracksStart = true;
  readonly bounds: Float64Array;
  readonly dropNaN: boolean;
  readonly native: NativeRows | undefined;
  /** Lent to sinks, refilled for each row. */
  readonly #view: {
    count: number;
    sum: number;
    readonly bounds: Float64Array;
    readonly counts: Float64Array;
    exemplars: readonly (Exemplar | undefined)[];
    native: NativeView | undefined;
  };
  /** The exemplars of the row at hand, by classic bucket. */
  readonly #byBucket: (Exemplar | undefined)[] = [];

  constructor(
    bounds: Float64Array,
    dropNaN: boolean,
    native: NativeRows | undefined,
  ) {
    this.bounds = bounds;
    this.dropNaN = dropNaN;
    this.width = bounds.length + 2;
    this.isPlain = native === undefined;
    this.native = native;
    this.#view = {
      count: 0,
      sum: 0,
      bounds,
      counts: new Float64Array(bounds.length + 1),
      exemplars: this.#byBucket,
      native: undefined,
    };
  }

  series(table: Table, row: number): HistogramSeries {
    return new HistogramSeries(table, row);
  }

  emit: Kind<HistogramSeries>["emit"] = (table, row, labels, sink) => {
    const view = this.#view;
    const { counts } = view;
    const base = row * this.width;
    let count = 0;
    for (let i = 0; i < counts.length; i++) {
      count += counts[i] = table.cells[base + i]!;
    }
    view.count = count;
    view.sum = table.cells[base + counts.length]!;
    const native = this.native?.of(row, table);
    view.native = native?.store;
    view.exemplars = native !== undefined && this.bounds.length === 0
      ? native.exemplars.list
      : this.#exemplarsOf(table, base);
    sink.histogram(labels, view, table.starts[row]!);
  };

  #exemplarsOf(table: Table, base: number): (Exemplar | undefined)[] {
    const byBucket = this.#byBucket;
    if (table.exemplars === undefined) return byBucket; // still empty
    byBucket.length = 0;
    for (let i = 0; i <= this.bounds.length; i++) {
      byBucket.push(table.exemplars.get(base + i));
    }
    return byBucket;
  }

  release(row: number): NativeRow | undefined {
    return this.native?.release(row);
  }

  restore(row: number, kept: unknown): void {
    this.native?.restore(row, kept as NativeRow | undefined);
  }
}
