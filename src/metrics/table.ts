/**
 * One family as a table: label values identify a row, the numbers stand in one
 * column of cells, a fixed width of them a row.
 *
 * - A series is a small object that knows its table and its row; recording is
 *   `cells[row * width + i] += n`.
 * - Rows of series that are gone are used again. A series that is still held
 *   comes back with its next record, in whatever row is free then.
 * - Nothing is looked up, allocated or timed per observation.
 * - It knows no format, and no type of metric: see `Kind`.
 */
import type { Exemplar, FamilyDesc, Rows, Sink, Source } from "../model/mod.ts";
import { grown, roomFor } from "./cells.ts";
import { Changes } from "./changes.ts";
import { exemplarFrom } from "./exemplar.ts";
import type { ExemplarSlots } from "./exemplar_slots.ts";
import type { Host, RejectReason } from "./host.ts";
import type { ExemplarLabels } from "./labels.ts";
import { type ParkedState, Parking } from "./parking.ts";
import { LabelColumns } from "./label_columns.ts";
import { type Kind, RowLabels, rowOf, type Series } from "./series.ts";
import { SeriesIndex } from "./series_index.ts";

/** Stands for "in no row": its complement is past every row. */
const NO_ROW = -0x80000000;

/** The value of every label of the series that takes what is too much. */
export const OVERFLOW = "overflow";

/** Bounds of a table, and what its labels may be. */
export interface TableLimits {
  readonly maxSeries: number;
  /** Seconds; `Infinity` for never. */
  readonly expireAfter: number;
  /** For each label its closed value set, if it has one. */
  readonly closed: readonly (ReadonlySet<string> | undefined)[];
}

/** The rows of one family. */
export class Table<S extends Series = Series> implements Source, Rows {
  readonly desc: FamilyDesc;
  readonly descs: readonly FamilyDesc[];
  readonly kind: Kind<S>;
  readonly host: Host;
  readonly limits: TableLimits;
  /** Labels whose values stand in columns. */
  readonly arity: number;
  /** `kind.width` numbers a row. */
  cells: Float64Array;
  /** Exemplars by the cell that they belong to; made with the first one. */
  exemplars: Map<number, Exemplar> | undefined;
  /** Where exemplars come from by themselves; undefined if from nowhere. */
  slots: ExemplarSlots | undefined;
  /** Per row, in unix seconds; empty if the kind does not track it. */
  starts: Float64Array;
  /** By block of rows: 1 if something was recorded since the last pass. */
  marks: Uint8Array = new Uint8Array(1);
  /** Of the rows, as they were at the last pass; marks are gathered there. */
  readonly changes = new Changes();
  /** How many series there are, the overflow series not counted. */
  size = 0;
  /** Finds series by label values; walked by views, changed only here. */
  readonly index: SeriesIndex<S>;

  readonly #series: (S | undefined)[] = [];
  readonly #columns: LabelColumns;
  readonly #labels: RowLabels;
  readonly #free: number[] = [];
  readonly #parking = new Parking();
  #overflow: S | undefined;
  /** Per row, when it was last seen to have recorded; only if it can expire. */
  #seen: Float64Array | undefined;

  /** `arity` is how many of the labels a caller gives: all but a stateset's. */
  constructor(
    desc: FamilyDesc,
    kind: Kind<S>,
    limits: TableLimits,
    host: Host,
    arity: number = desc.labelNames.length,
  ) {
    this.desc = desc;
    this.descs = [desc];
    this.kind = kind;
    this.limits = limits;
    this.host = host;
    this.arity = arity;
    const rows = arity === 0 ? 1 : 8;
    this.cells = new Float64Array(rows * kind.width);
    this.starts = new Float64Array(kind.tracksStart ? rows : 0);
    if (limits.expireAfter < Infinity) this.#seen = new Float64Array(rows);
    this.follow(host.exemplars);
    this.#columns = new LabelColumns(arity);
    this.index = new SeriesIndex(arity, this.#columns);
    this.#labels = new RowLabels(desc.labelNames, this.#columns, arity);
  }

  /** Itself, if its cells tell all of its series. */
  get rows(): Rows | undefined {
    return this.kind.isPlain ? this : undefined;
  }

  get width(): number {
    return this.kind.width;
  }

  get length(): number {
    return this.#series.length;
  }

  /** The series of `values`, made if need be; never throws unless strict. */
  resolve(values: readonly string[]): S {
    return this.index.find(values) ?? this.#admit(values);
  }

  /** The series that records for one that is asleep or in no row. */
  awaken(series: Series): S {
    const row = ~series.row;
    if (this.#series[row] !== series) return this.#comeBack(series as S);
    series.row = row;
    return series as S;
  }

  /** Counts a bad observation; see `Host.reject`. */
  reject(reason: RejectReason, offending: unknown): void {
    this.host.reject(reason, this.desc, offending);
  }

  /** Counts why `value` could not be observed `count` times. */
  rejectObservation(value: unknown, count: unknown): void {
    if (typeof value !== "number") return this.reject("not_a_number", value);
    const negative = typeof count === "number" && count < 0;
    this.reject(negative ? "negative" : "not_a_number", count);
  }

  /** What stands in the cell `at` of a series, wherever the series is. */
  cellOf(series: Series, at: number): number {
    let row = rowOf(series);
    if (this.#series[row] !== series) {
      const parked = this.#parking.of(series)!;
      const other = this.index.find(parked.values);
      if (other === undefined) return parked.state?.cells[at] ?? 0;
      row = rowOf(other);
    }
    return this.cells[row * this.kind.width + at]!;
  }

  /** From now on takes exemplars from `source`, if that is given. */
  follow(slots: (() => ExemplarSlots) | undefined): void {
    this.slots = slots?.();
  }

  /** Keeps an exemplar of the work at hand, if it is time for one. */
  offer(cell: number, value: number): void {
    const labels = this.slots?.ask(cell, 1);
    if (labels !== undefined) this.attach(cell, labels, value);
  }

  /** Keeps an exemplar for a cell, or counts why it cannot. */
  attach(cell: number, labels: ExemplarLabels, value: number): void {
    const exemplar = this.exemplar(labels, value);
    if (exemplar === undefined) return;
    this.exemplars ??= new Map();
    this.exemplars.set(cell, exemplar);
    this.changes.beside(Math.floor(cell / this.kind.width));
  }

  /** An exemplar of this moment, or none if its labels are counted as bad. */
  exemplar(labels: ExemplarLabels, value: number): Exemplar | undefined {
    let exemplar: Exemplar | undefined;
    try {
      exemplar = exemplarFrom(labels, value, this.host.clock);
    } catch {
      // Labels that cannot even be read must not fail the work.
    }
    if (exemplar === undefined) this.reject("exemplar", labels);
    return exemplar;
  }

  /** Lets a row count from zero, from now on. */
  reset(row: number): void {
    const { width, tracksStart } = this.kind;
    const from = row * width;
    this.cells.fill(0, from, from + width);
    for (let at = 0; at < width; at++) this.exemplars?.delete(from + at);
    if (tracksStart) this.starts[row] = this.host.clock.unix();
    this.changes.beside(row);
  }

  collect(sink: Sink): void {
    if (!sink.family(this.desc)) return;
    this.open();
    this.emit(0, this.#series.length, sink);
  }

  open(): void {
    this.slots?.open();
    this.changes.gather(this.marks);
    if (this.#seen !== undefined) this.#expire(this.#seen);
  }

  emit(from: number, to: number, sink: Sink): void {
    const labels = this.#labels;
    const { kind } = this;
    for (let row = from; row < to; row++) {
      if (this.#series[row] === undefined) continue;
      labels.row = row;
      kind.emit(this, row, labels, sink);
    }
  }

  /**
   * Removes every series that has the given values, by the place of the label;
   * undefined stands for any value.
   *
   * @returns How many were removed.
   */
  remove(wanted: readonly (string | undefined)[]): number {
    const rows = this.matching(wanted);
    for (const row of rows) this.#release(row, false);
    this.#parking.forget(wanted.map((value) => value?.toWellFormed()));
    return rows.length;
  }

  /** The rows that have the given values; see `remove`. */
  matching(wanted: readonly (string | undefined)[]): number[] {
    const values = wanted.map((value) => value?.toWellFormed());
    if (!values.includes(undefined)) {
      const series = this.index.find(values as readonly string[]);
      return series === undefined ? [] : [rowOf(series)];
    }
    const rows: number[] = [];
    for (let row = 0; row < this.#series.length; row++) {
      if (this.#series[row] === undefined) continue;
      if (this.#columns.agree(row, values)) rows.push(row);
    }
    return rows;
  }

  /** Whether `series` is the one that takes what is too much. */
  isOverflow(series: Series): boolean {
    return series === this.#overflow;
  }

  /** From here on, `dropAsleep` drops all series that record nothing. */
  sleepAll(): void {
    for (const series of this.#series) {
      if (series !== undefined && series.row >= 0) series.row = ~series.row;
    }
  }

  /** Drops all series that recorded nothing since `sleepAll`. */
  dropAsleep(): void {
    for (let row = 0; row < this.#series.length; row++) {
      const series = this.#series[row];
      if (series !== undefined && series.row < 0) this.#release(row, false);
    }
  }

  /** A tuple that no row has, as it came from outside. */
  #admit(given: readonly string[]): S {
    const values = given.map((value) => value.toWellFormed());
    const mended = values.findIndex((value, at) => value !== given[at]);
    if (mended >= 0) {
      this.reject("label_value", given[mended]);
      return this.resolve(values);
    }
    const { closed, maxSeries } = this.limits;
    const illegal = values.find((value, at) =>
      closed[at]?.has(value) === false
    );
    if (illegal !== undefined) {
      this.reject("label_value", illegal);
      return this.#overflowSeries();
    }
    if (this.size < maxSeries) return this.#enter(values);
    this.host.overflow(this.desc);
    return this.#overflowSeries();
  }

  #overflowSeries(): S {
    if (this.#overflow !== undefined) return this.#overflow;
    const values = new Array<string>(this.arity).fill(OVERFLOW);
    this.size--; // what may be an ordinary series is none from now on
    return this.#overflow = this.index.find(values) ?? this.#enter(values);
  }

  #enter(values: readonly string[], returning?: S): S {
    const row = this.#free.pop() ?? this.#series.length;
    if ((row + 1) * this.kind.width > this.cells.length) this.#grow(row + 1);
    this.#columns.set(row, values);
    const series = returning ?? this.kind.series(this, row);
    series.row = row;
    this.index.insert(series);
    this.#series[row] = series;
    this.changes.beside(row);
    if (this.kind.tracksStart) this.starts[row] = this.host.clock.unix();
    if (this.#seen !== undefined) this.#seen[row] = this.host.clock.mono();
    this.size++;
    return series;
  }

  /** A held series that is in no row records again. */
  #comeBack(series: S): S {
    const parked = this.#parking.of(series)!;
    const other = this.index.find(parked.values);
    if (other !== undefined) return other;
    if (parked.overflow) {
      this.#overflow = series;
      this.size--;
    } else if (this.size >= this.limits.maxSeries) {
      this.host.overflow(this.desc);
      return this.#overflowSeries();
    }
    this.#enter(parked.values, series);
    this.#parking.leave(series);
    if (parked.state !== undefined) this.#restore(series.row, parked.state);
    return series;
  }

  #restore(
    row: number,
    { cells, start, exemplars, beside }: ParkedState,
  ): void {
    const from = row * this.kind.width;
    this.cells.set(cells, from);
    if (this.kind.tracksStart) this.starts[row] = start;
    for (const [at, exemplar] of exemplars) {
      this.exemplars!.set(from + at, exemplar);
    }
    this.kind.restore?.(row, beside);
  }

  #release(row: number, keep: boolean): void {
    const series = this.#series[row]!;
    const { width } = this.kind;
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
    const beside = this.kind.release?.(row);
    this.#parking.enter(series, {
      values: this.#columns.values(row),
      state: keep ? { cells, start, exemplars, beside } : undefined,
      overflow: series === this.#overflow,
    });
    this.index.remove(series);
    this.#columns.clear(row);
    this.cells.fill(0, from, from + width);
    series.row = NO_ROW;
    this.#series[row] = undefined;
    this.changes.beside(row);
    this.#free.push(row);
    if (series === this.#overflow) this.#overflow = undefined;
    else this.size--;
  }

  /**
   * Series that recorded since the last pass are put to sleep, so that their
   * next record shows; those still asleep have been idle at least since then.
   */
  #expire(seen: Float64Array): void {
    const now = this.host.clock.mono();
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
    const { width } = this.kind;
    const capacity = roomFor(rows, this.cells.length / width);
    this.changes.grow(capacity);
    this.marks = grown(this.marks, this.changes.numbers.length);
    this.cells = grown(this.cells, capacity * width);
    if (this.kind.tracksStart) this.starts = grown(this.starts, capacity);
    if (this.#seen !== undefined) this.#seen = grown(this.#seen, capacity);
  }
}
