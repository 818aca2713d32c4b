/**
 * One family as a table: label values identify a row, and the numbers of a row
 * are a fixed number of cells in one column.
 *
 * - A series is a small object that knows its table and its row; recording is
 *   `cells[row * width + i] += n`.
 * - Rows of removed series are reused. A removed series that is still held gets
 *   a row again with its next record.
 * - Recording on a series looks up, allocates and times nothing.
 * - It knows no format and no kind: see `Layout`.
 */
import type { Clock } from "../base/mod.ts";
import type { Exemplar, FamilyDesc, Rows, Sink, Source } from "../model/mod.ts";
import { trustSource } from "../model/internal.ts";
import { type Detached, DetachedSeries } from "./detached_series.ts";
import {
  type Diagnostics,
  observationFault,
  type RejectReason,
} from "./diagnostics.ts";
import { exemplarFrom, type ExemplarSampler } from "./exemplars.ts";
import { Expiry } from "./expiry.ts";
import { LabelColumns } from "./label_columns.ts";
import type { ExemplarLabels } from "./labels.ts";
import { isLegalValue, OVERFLOW, type TableLimits } from "./limits.ts";
import { initialOf, restoreState, takeState } from "./row_state.ts";
import {
  BlockVersions,
  capacityFor,
  grown,
  type Layout,
  RowLabels,
  rowOf,
  type RowStore,
  type Series,
} from "./series.ts";
import { SeriesIndex } from "./series_index.ts";

/** The `row` of a series without a row: its complement is beyond every row. */
const NO_ROW = -0x80000000;

/** Rows whose series are checked for expiry in one step of `opening`. */
const OPENED_ROWS = 4096;

/** The rows of one family. */
export class Table<S extends Series = Series>
  implements Source, Rows, RowStore {
  desc: FamilyDesc;
  descs: readonly FamilyDesc[];
  readonly layout: Layout<S>;
  readonly limits: TableLimits;
  readonly clock: Clock;
  /** Whether observations that are rejected throw. */
  readonly isStrict: boolean;
  /** The number of labels in columns: all except one that the kind writes. */
  arity: number;
  cells: Float64Array;
  exemplars: Map<number, Exemplar> | undefined;
  sampler: ExemplarSampler | undefined;
  starts: Float64Array;
  marks: Uint8Array = new Uint8Array(1);
  /** The changes up to the last pass; each pass drains the marks into them. */
  readonly changes: BlockVersions = new BlockVersions();
  readonly rows: Rows = this;
  readonly isComplete: boolean;
  readonly countsInCells: boolean;
  readonly width: number;
  /** The number of series, without the overflow series. */
  size = 0;
  /** Finds series by label values; read by lookups, changed only here. */
  index: SeriesIndex<S>;
  readonly #diagnostics: Diagnostics;
  readonly #series: (S | undefined)[] = [];
  protected readonly columns: LabelColumns;
  /** The columns in the order of the label names. */
  protected shown: Pick<LabelColumns, "value">;
  /** The view of the labels of a row; created in the first pass. */
  #labels: RowLabels | undefined;
  readonly #free: number[] = [];
  /** Series that have lost their row; created with the first one. */
  #detached: DetachedSeries | undefined;
  #overflow: S | undefined;
  /** Defined if series can expire. */
  readonly #expiry: Expiry | undefined;

  constructor(
    desc: FamilyDesc,
    layout: Layout<S>,
    limits: TableLimits,
    diagnostics: Diagnostics,
    arity: number = desc.labelNames.length,
  ) {
    const rows = arity === 0 ? 1 : 8;
    this.desc = desc;
    trustSource(this);
    this.descs = [desc];
    this.layout = layout;
    this.isComplete = layout.isPlain;
    this.countsInCells = layout.countsInCells ?? layout.isPlain;
    this.width = layout.width;
    this.limits = limits;
    this.clock = diagnostics.clock;
    this.isStrict = diagnostics.strict;
    this.arity = arity;
    this.cells = new Float64Array(rows * layout.width);
    this.sampler = diagnostics.exemplars?.();
    this.starts = new Float64Array(layout.tracksStart ? rows : 0);
    this.#diagnostics = diagnostics;
    this.shown = this.columns = new LabelColumns(arity);
    this.index = new SeriesIndex(arity, this.columns);
    this.#expiry = limits.expireAfter < Infinity
      ? new Expiry(this.clock, limits.expireAfter, rows)
      : undefined;
  }

  get length(): number {
    return this.#series.length;
  }

  /** Returns or creates the series of `values`; throws only if strict. */
  resolve(values: readonly string[]): S {
    return this.index.find(values) ?? this.#admit(values);
  }

  revive(series: Series): S {
    const row = ~series.row;
    if (this.#series[row] !== series) return this.#comeBack(series as S);
    series.row = row;
    return series as S;
  }

  reject(reason: RejectReason, offending: unknown, at = -1): void {
    const closed = this.limits.closed[at];
    this.#diagnostics.reject(reason, this.desc, offending, at, closed);
  }

  rejectObservation(value: unknown, count: unknown): void {
    this.reject(...observationFault(value, count));
  }

  valuesOf(series: Series): readonly string[] {
    const row = rowOf(series);
    return this.#series[row] === series
      ? this.columns.values(row)
      : this.#detached?.get(series)?.values ?? [];
  }

  cellOf(series: Series, at: number): number {
    let row = rowOf(series);
    if (this.#series[row] !== series) {
      const detached = this.#detached!.get(series)!;
      const other = this.#successorOf(detached);
      if (other === undefined) {
        return detached.slot?.state?.cells[at] ?? initialOf(this.layout);
      }
      row = rowOf(other);
    }
    return this.cells[row * this.width + at]!;
  }

  /** Replaces the description, by one with another help text or more labels. */
  describe(desc: FamilyDesc): void {
    this.desc = desc;
    this.descs = [desc];
  }

  /** Starts or stops sampling exemplars. */
  follow(exemplars: (() => ExemplarSampler) | undefined): void {
    this.sampler = exemplars?.();
  }

  maybeKeepExemplar(cell: number, value: number): void {
    const labels = this.sampler?.sample(cell, 1);
    if (labels !== undefined) this.keepExemplar(cell, labels, value);
  }

  keepExemplar(cell: number, labels: ExemplarLabels, value: number): void {
    const exemplar = this.makeExemplar(labels, value);
    if (exemplar === undefined) return;
    this.exemplars ??= new Map();
    this.exemplars.set(cell, exemplar);
    this.changes.bump(Math.floor(cell / this.width));
  }

  makeExemplar(labels: ExemplarLabels, value: number): Exemplar | undefined {
    const exemplar = exemplarFrom(labels, value, this.clock);
    if (exemplar === undefined) this.reject("exemplar", labels);
    return exemplar;
  }

  reset(row: number): void {
    const { width, tracksStart } = this.layout;
    const from = row * width;
    this.cells.fill(initialOf(this.layout), from, from + width);
    for (let at = 0; at < width; at++) this.exemplars?.delete(from + at);
    if (tracksStart) this.starts[row] = this.clock.unix();
    this.changes.bump(row);
  }

  collect(sink: Sink): void {
    if (!sink.family(this.desc)) return;
    this.open();
    this.emit(0, this.#series.length, sink);
  }

  open(): void {
    for (const _ of this.opening());
  }

  *opening(): Generator<void, void> {
    this.sampler?.open();
    this.changes.drainMarks(this.marks);
    if (this.#expiry === undefined) return;
    const series = this.#series;
    for (let from = 0; from < series.length; from += OPENED_ROWS) {
      if (from > 0) yield;
      const to = Math.min(from + OPENED_ROWS, series.length);
      const rows = this.#expiry.expired(series, from, to);
      for (const row of rows) this.#release(row, true);
    }
  }

  emit(from: number, to: number, sink: Sink): void {
    const { layout, desc: { labelNames }, arity } = this;
    let labels = this.#labels;
    if (labels?.names !== labelNames) {
      labels = this.#labels = new RowLabels(labelNames, this.shown, arity);
    }
    for (let row = from; row < to; row++) {
      if (this.#series[row] === undefined) continue;
      labels.row = row;
      layout.emit(this, row, labels, sink);
    }
  }

  /** Removes all series that match; undefined matches any. Returns how many. */
  remove(pattern: readonly (string | undefined)[]): number {
    const values = pattern.map((value) => value?.toWellFormed());
    for (const each of this.#followers) each.removing(this, values);
    const rows = this.#matching(values);
    for (const row of rows) this.#release(row, false);
    this.#detached?.forget(values);
    return rows.length;
  }

  get #followers() {
    return this.#diagnostics.followers();
  }

  /** Returns the rows of well-formed label values; see `remove`. */
  #matching(values: readonly (string | undefined)[]): number[] {
    if (!values.includes(undefined)) {
      const found = this.index.find(values as readonly string[]);
      if (found !== undefined) return [rowOf(found)];
      const row = this.#overflowRow;
      return row >= 0 && this.columns.matches(row, values) ? [row] : [];
    }
    return [...this.#series.keys()].filter((row) =>
      this.#series[row] !== undefined && this.columns.matches(row, values)
    );
  }

  /** Returns how many series match `pattern`, without the overflow series. */
  sizeOf(pattern: readonly (string | undefined)[]): number {
    const overflow = this.#overflowRow;
    const values = pattern.map((value) => value?.toWellFormed());
    return this.#matching(values).filter((row) => row !== overflow).length;
  }

  get #overflowRow(): number {
    return this.#overflow === undefined ? -1 : rowOf(this.#overflow);
  }

  /** Returns whether `series` is the overflow series. */
  isOverflow(series: Series): boolean {
    return series === this.#overflow;
  }

  /** Marks all series as stale; a series that records is no longer stale. */
  beginGeneration(): void {
    for (const series of this.#series) {
      if (series !== undefined && series.row >= 0) series.row = ~series.row;
    }
  }

  /** Removes all series that recorded nothing since `beginGeneration`. */
  dropStale(): void {
    for (let row = 0; row < this.#series.length; row++) {
      const series = this.#series[row];
      if (series !== undefined && series.row < 0) this.#release(row, false);
    }
  }

  /** Returns the series for values that no row has: a new one, or overflow. */
  #admit(given: readonly string[]): S {
    const values: string[] = [];
    for (const value of given) values.push(value.toWellFormed());
    for (let at = 0; at < values.length; at++) {
      if (values[at] === given[at]) continue;
      this.reject("label_value", given[at]);
      return this.resolve(values);
    }
    for (let at = 0; at < values.length; at++) {
      if (isLegalValue(this.limits, at, values[at]!)) continue;
      this.reject("label_value", values[at], at);
      return this.overflow();
    }
    if (this.size < this.limits.maxSeries) return this.#enter(values);
    this.#diagnostics.overflow(this.desc);
    return this.overflow();
  }

  /** Returns the overflow series, which no label set finds. */
  overflow(): S {
    return this.#overflow ??= this.#place(this.index.unused(OVERFLOW));
  }

  /** Adds the series of `values`, which no other series has. */
  #enter(values: readonly string[], returning?: S): S {
    const series = this.#place(values, returning);
    this.index.insert(series);
    this.size++;
    const overflow = this.#overflowRow;
    if (overflow >= 0 && this.columns.matches(overflow, values)) {
      const ends = this.#followers.map((it) => it.relabeling(this, overflow));
      this.columns.set(overflow, this.index.unused(OVERFLOW)); // it gives way
      this.changes.bump(overflow);
      for (const end of ends) end();
    }
    return series;
  }

  /** Gives a row to the series of `values`. */
  #place(values: readonly string[], returning?: S): S {
    const { width } = this;
    const row = this.#free.pop() ?? this.#series.length;
    if ((row + 1) * width > this.cells.length) this.#grow(row + 1);
    if (this.arity > 0) this.columns.set(row, values);
    const series = returning ?? this.layout.series(this, row);
    series.row = row;
    this.#series[row] = series;
    this.reset(row);
    this.#expiry?.enter(row);
    return series;
  }

  /** Returns the series that records in place of a detached one. */
  #successorOf({ values, isOverflow }: Detached): S | undefined {
    return isOverflow ? this.#overflow : this.index.find(values);
  }

  /** Returns the series to record into for a held series without a row. */
  #comeBack(series: S): S {
    const detached = this.#detached!.get(series)!;
    const other = this.#successorOf(detached);
    if (other !== undefined) return other;
    if (detached.isOverflow) {
      this.#overflow = this.#place(this.index.unused(OVERFLOW), series);
    } else if (this.size >= this.limits.maxSeries) {
      this.#diagnostics.overflow(this.desc);
      return this.overflow();
    } else this.#enter(detached.values, series);
    const state = this.#detached!.revive(series);
    if (state !== undefined) restoreState(this, series.row, state);
    return series;
  }

  /** Frees a row; its series can continue from its state if `keep`. */
  #release(row: number, keep: boolean): void {
    const series = this.#series[row]!;
    if (keep) { for (const each of this.#followers) each.expiring(this, row); }
    const state = takeState(this, row); // also empties it
    const isOverflow = series === this.#overflow;
    this.#detached ??= new DetachedSeries(this.#expiry !== undefined);
    const values = this.columns.values(row);
    this.#detached.detach(series, values, isOverflow, keep ? state : undefined);
    if (!isOverflow) this.index.remove(series);
    this.columns.clear(row);
    series.row = NO_ROW;
    this.#series[row] = undefined;
    this.changes.bump(row);
    this.#free.push(row);
    if (isOverflow) this.#overflow = undefined;
    else this.size--;
  }

  #grow(rows: number): void {
    const { width, tracksStart } = this.layout;
    const capacity = capacityFor(rows, this.cells.length / width);
    this.changes.grow(capacity);
    this.marks = grown(this.marks, this.changes.numbers.length);
    this.cells = grown(this.cells, capacity * width);
    if (tracksStart) this.starts = grown(this.starts, capacity);
    this.#expiry?.grow(capacity);
  }
}
