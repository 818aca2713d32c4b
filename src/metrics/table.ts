/**
 * One family as a table: label values identify a row, and the numbers of a row
 * are a fixed number of cells in one column.
 *
 * - A series is a small object that knows its table and its row; recording is
 *   `cells[row * width + i] += n`.
 * - Rows of removed series are used again. A removed series that is still held
 *   comes back with its next record, in any free row.
 * - Nothing is looked up, allocated or timed per observation.
 * - It knows no format and no kind: see `Layout`.
 */
import type { Clock } from "../base/mod.ts";
import type { Exemplar, FamilyDesc, Rows, Sink, Source } from "../model/mod.ts";
import { DetachedSeries, type RowState } from "./detached_series.ts";
import type { Diagnostics, RejectReason } from "./diagnostics.ts";
import { exemplarFrom, type ExemplarSampler } from "./exemplars.ts";
import { LabelColumns } from "./label_columns.ts";
import type { ExemplarLabels } from "./labels.ts";
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

/** The row of a series in no row: its complement is beyond every row. */
const NO_ROW = -0x80000000;

/** The value of every label of the overflow series. */
export const OVERFLOW = "overflow";

/** How large a table may get, and which values its labels may have. */
export interface TableLimits {
  readonly maxSeries: number;
  /** Seconds; `Infinity` for never. */
  readonly expireAfter: number;
  /** By label: its closed value set if it has one. */
  readonly closed: readonly (ReadonlySet<string> | undefined)[];
}

/** The rows of one family. */
export class Table<S extends Series = Series>
  implements Source, Rows, RowStore {
  readonly desc: FamilyDesc;
  readonly descs: readonly FamilyDesc[];
  readonly layout: Layout<S>;
  readonly limits: TableLimits;
  readonly clock: Clock;
  /** Labels whose values stand in columns: all but the kind's own. */
  readonly arity: number;
  cells: Float64Array;
  exemplars: Map<number, Exemplar> | undefined;
  sampler: ExemplarSampler | undefined;
  starts: Float64Array;
  marks: Uint8Array;
  /** The rows as of the last pass; marks are drained there. */
  readonly changes: BlockVersions;
  /** How many series there are, without the overflow series. */
  size: number;
  /** Finds series by label values; read by lookups, changed only here. */
  readonly index: SeriesIndex<S>;

  readonly #diagnostics: Diagnostics;
  readonly #series: (S | undefined)[];
  readonly #columns: LabelColumns;
  /** The view of the labels of a row; made with the first pass. */
  #labels: RowLabels | undefined;
  readonly #free: number[];
  /** Series that have lost their row; made with the first one. */
  #detached: DetachedSeries | undefined;
  #overflow: S | undefined;
  /** Per row, when it was last seen to have recorded; only if it can expire. */
  #seen: Float64Array | undefined;

  constructor(
    desc: FamilyDesc,
    layout: Layout<S>,
    limits: TableLimits,
    diagnostics: Diagnostics,
    arity: number = desc.labelNames.length,
  ) {
    const rows = arity === 0 ? 1 : 8;
    this.desc = desc;
    this.descs = [desc];
    this.layout = layout;
    this.limits = limits;
    this.clock = diagnostics.clock;
    this.arity = arity;
    this.cells = new Float64Array(rows * layout.width);
    this.sampler = diagnostics.exemplars?.();
    this.starts = new Float64Array(layout.tracksStart ? rows : 0);
    this.marks = new Uint8Array(1);
    this.changes = new BlockVersions();
    this.size = 0;
    this.#diagnostics = diagnostics;
    this.#series = [];
    this.#columns = new LabelColumns(arity);
    this.index = new SeriesIndex(arity, this.#columns);
    this.#free = [];
    this.#seen = limits.expireAfter < Infinity
      ? new Float64Array(rows)
      : undefined;
  }

  /** Itself, if its cells fully describe its series. */
  get rows(): Rows | undefined {
    return this.layout.isPlain ? this : undefined;
  }

  get width(): number {
    return this.layout.width;
  }

  get length(): number {
    return this.#series.length;
  }

  /** Returns the series of `values`, new if need be; throws only if strict. */
  resolve(values: readonly string[]): S {
    return this.index.find(values) ?? this.#admit(values);
  }

  revive(series: Series): S {
    const row = ~series.row;
    if (this.#series[row] !== series) return this.#comeBack(series as S);
    series.row = row;
    return series as S;
  }

  reject(reason: RejectReason, offending: unknown): void {
    this.#diagnostics.reject(reason, this.desc, offending);
  }

  rejectObservation(value: unknown, count: unknown): void {
    if (typeof value !== "number") return this.reject("not_a_number", value);
    const negative = typeof count === "number" && count < 0;
    this.reject(negative ? "negative" : "not_a_number", count);
  }

  cellOf(series: Series, at: number): number {
    let row = rowOf(series);
    if (this.#series[row] !== series) {
      const detached = this.#detached!.get(series)!;
      const other = this.index.find(detached.values);
      if (other === undefined) {
        return detached.state?.cells[at] ?? this.layout.initial ?? 0;
      }
      row = rowOf(other);
    }
    return this.cells[row * this.layout.width + at]!;
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
    this.changes.bump(Math.floor(cell / this.layout.width));
  }

  makeExemplar(labels: ExemplarLabels, value: number): Exemplar | undefined {
    let exemplar: Exemplar | undefined;
    try {
      exemplar = exemplarFrom(labels, value, this.clock);
    } catch {
      // Labels that cannot even be read must not fail the work.
    }
    if (exemplar === undefined) this.reject("exemplar", labels);
    return exemplar;
  }

  reset(row: number): void {
    const { width, tracksStart, initial = 0 } = this.layout;
    const from = row * width;
    this.cells.fill(initial, from, from + width);
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
    this.sampler?.open();
    this.changes.drainMarks(this.marks);
    if (this.#seen !== undefined) this.#expire(this.#seen);
  }

  emit(from: number, to: number, sink: Sink): void {
    const { layout, desc: { labelNames }, arity } = this;
    this.#labels ??= new RowLabels(labelNames, this.#columns, arity);
    const labels = this.#labels;
    for (let row = from; row < to; row++) {
      if (this.#series[row] === undefined) continue;
      labels.row = row;
      layout.emit(this, row, labels, sink);
    }
  }

  /**
   * Removes every series with the given values, in the order of the labels;
   * undefined matches any value.
   *
   * @returns How many were removed.
   */
  remove(wanted: readonly (string | undefined)[]): number {
    const rows = this.matching(wanted);
    for (const row of rows) this.#release(row, false);
    this.#detached?.forget(wanted.map((value) => value?.toWellFormed()));
    return rows.length;
  }

  /** The rows with the given values; see `remove`. */
  matching(wanted: readonly (string | undefined)[]): number[] {
    const values = wanted.map((value) => value?.toWellFormed());
    if (!values.includes(undefined)) {
      const series = this.index.find(values as readonly string[]);
      return series === undefined ? [] : [rowOf(series)];
    }
    const rows: number[] = [];
    for (let row = 0; row < this.#series.length; row++) {
      if (this.#series[row] === undefined) continue;
      if (this.#columns.matches(row, values)) rows.push(row);
    }
    return rows;
  }

  /** Whether `series` is the overflow series. */
  isOverflow(series: Series): boolean {
    return series === this.#overflow;
  }

  /** Makes all series stale; `dropStale` drops those that do not record. */
  beginGeneration(): void {
    for (const series of this.#series) {
      if (series !== undefined && series.row >= 0) series.row = ~series.row;
    }
  }

  /** Drops all series that recorded nothing since `beginGeneration`. */
  dropStale(): void {
    for (let row = 0; row < this.#series.length; row++) {
      const series = this.#series[row];
      if (series !== undefined && series.row < 0) this.#release(row, false);
    }
  }

  /** Returns the series of label values that no row has. */
  #admit(given: readonly string[]): S {
    const values: string[] = [];
    for (const value of given) values.push(value.toWellFormed());
    for (let at = 0; at < values.length; at++) {
      if (values[at] === given[at]) continue;
      this.reject("label_value", given[at]);
      return this.resolve(values);
    }
    const { closed, maxSeries } = this.limits;
    for (let at = 0; at < values.length; at++) {
      if (closed[at]?.has(values[at]!) !== false) continue;
      this.reject("label_value", values[at]);
      return this.#overflowSeries();
    }
    if (this.size < maxSeries) return this.#enter(values);
    this.#diagnostics.overflow(this.desc);
    return this.#overflowSeries();
  }

  #overflowSeries(): S {
    if (this.#overflow !== undefined) return this.#overflow;
    const values = new Array<string>(this.arity).fill(OVERFLOW);
    this.size--; // an ordinary series of these values no longer counts
    return this.#overflow = this.index.find(values) ?? this.#enter(values);
  }

  #enter(values: readonly string[], returning?: S): S {
    const { width, initial, tracksStart } = this.layout;
    const row = this.#free.pop() ?? this.#series.length;
    if ((row + 1) * width > this.cells.length) this.#grow(row + 1);
    if (this.arity > 0) this.#columns.set(row, values);
    const series = returning ?? this.layout.series(this, row);
    series.row = row;
    this.index.insert(series);
    this.#series[row] = series;
    this.changes.bump(row);
    // A free row has zeros.
    if (initial) this.cells.fill(initial, row * width, (row + 1) * width);
    if (tracksStart) this.starts[row] = this.clock.unix();
    if (this.#seen !== undefined) this.#seen[row] = this.clock.mono();
    this.size++;
    return series;
  }

  /** Gives a row to a held series that has none and records again. */
  #comeBack(series: S): S {
    const detached = this.#detached!.get(series)!;
    const other = this.index.find(detached.values);
    if (other !== undefined) return other;
    if (detached.isOverflow) {
      this.#overflow = series;
      this.size--;
    } else if (this.size >= this.limits.maxSeries) {
      this.#diagnostics.overflow(this.desc);
      return this.#overflowSeries();
    }
    this.#enter(detached.values, series);
    this.#detached!.revive(series);
    if (detached.state !== undefined) this.#restore(series.row, detached.state);
    return series;
  }

  #restore(row: number, { cells, start, exemplars, extra }: RowState): void {
    const from = row * this.layout.width;
    this.cells.set(cells, from);
    if (this.layout.tracksStart) this.starts[row] = start;
    for (const [at, exemplar] of exemplars) {
      this.exemplars!.set(from + at, exemplar);
    }
    this.layout.restore?.(row, extra);
  }

  #release(row: number, keep: boolean): void {
    const series = this.#series[row]!;
    const { width } = this.layout;
    const from = row * width;
    const exemplars = new Map<number, Exemplar>();
    for (let at = 0; at < width && this.exemplars !== undefined; at++) {
      const exemplar = this.exemplars.get(from + at);
      if (exemplar === undefined) continue;
      exemplars.set(at, exemplar);
      this.exemplars.delete(from + at);
    }
    const cells = this.cells.slice(from, from + width);
    const start = this.starts[row] ?? 0;
    const extra = this.layout.release?.(row);
    this.#detached ??= new DetachedSeries();
    this.#detached.detach(series, {
      values: this.#columns.values(row),
      state: keep ? { cells, start, exemplars, extra } : undefined,
      isOverflow: series === this.#overflow,
    });
    this.index.remove(series);
    this.#columns.clear(row);
    this.cells.fill(0, from, from + width);
    series.row = NO_ROW;
    this.#series[row] = undefined;
    this.changes.bump(row);
    this.#free.push(row);
    if (series === this.#overflow) this.#overflow = undefined;
    else this.size--;
  }

  /**
   * Makes series stale that recorded since the last pass, so that their next
   * record shows; those that are still stale have been idle since then.
   */
  #expire(seen: Float64Array): void {
    const now = this.clock.mono();
    for (let row = 0; row < this.#series.length; row++) {
      const series = this.#series[row];
      if (series === undefined) continue;
      if (series.row >= 0) {
        seen[row] = now;
        series.row = ~row;
      } else if (now - seen[row]! >= this.limits.expireAfter) {
        this.#release(row, true);
      }
    }
  }

  #grow(rows: number): void {
    const { width, tracksStart } = this.layout;
    const capacity = capacityFor(rows, this.cells.length / width);
    this.changes.grow(capacity);
    this.marks = grown(this.marks, this.changes.numbers.length);
    this.cells = grown(this.cells, capacity * width);
    if (tracksStart) this.starts = grown(this.starts, capacity);
    if (this.#seen !== undefined) this.#seen = grown(this.#seen, capacity);
  }
}
