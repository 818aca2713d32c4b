/**
 * Series and the columns that they record into: the handle of one row, the
 * interface of its table, and the layout that a kind gives the rows.
 *
 * Callers alias `add` and `mark` to module constants: V8 reads an imported
 * binding again on each use, which takes a tenth of a record.
 */
import type { Clock } from "../base/mod.ts";
import type {
  Exemplar,
  FamilyDesc,
  LabelSet,
  RowChanges,
  Sink,
} from "../model/mod.ts";
import { BLOCK_BITS } from "../model/internal.ts";
import type { RejectReason } from "./diagnostics.ts";
import { INSPECT, seriesText } from "./inspect.ts";
import type { ExemplarSampler } from "./exemplars.ts";
import type { LabelColumns } from "./label_columns.ts";
import type { ExemplarLabels } from "./labels.ts";

const BITS = BLOCK_BITS;

/** Adds `by` to the cell at index `at`. */
export function add(cells: Float64Array, at: number, by: number): void {
  cells[at]! += by;
}

/** Marks `row` as changed, so that the next scrape writes its value again. */
export function mark(marks: Uint8Array, row: number): void {
  marks[row >> BITS] = 1;
}

// As long as V8 has seen only whole numbers here, it converts every sum to an
// integer and back, which takes 5 ns instead of 2. These additions show it
// fractions, often enough that its type feedback records them.
const scratch = new Float64Array(1);
for (let i = 0; i < 64; i++) add(scratch, 0, 0.3);

/** Growth of a column: at most a fifth of it is unused. */
const GROWTH = 1.25;

/** Returns the new capacity for `rows`, growing by at least 25 %. */
export function capacityFor(rows: number, capacity: number): number {
  return Math.max(rows, Math.ceil(GROWTH * capacity));
}

/** Returns a longer copy of a column; the new cells are zero. */
export function grown<C extends Float64Array | Uint32Array | Uint8Array>(
  column: C,
  length: number,
): C {
  const Column = column.constructor as new (length: number) => C;
  const larger = new Column(length);
  larger.set(column);
  return larger;
}

/** Counts the changes of each block of rows; scrapes skip unchanged blocks. */
export class BlockVersions implements RowChanges {
  numbers: Uint32Array = new Uint32Array(1);
  versions: Uint32Array = new Uint32Array(1);

  /** Bumps the version of the row's block: labels, start or exemplar changed. */
  bump(row: number): void {
    this.versions[row >> BITS]!++;
  }

  /** Increments the numbers of each marked block and clears the marks. */
  drainMarks(marks: Uint8Array): void {
    const { numbers } = this;
    for (let i = 0; i < marks.length; i++) {
      if (marks[i] === 0) continue;
      marks[i] = 0;
      numbers[i]!++;
    }
  }

  /** Makes room for `rows` rows. */
  grow(rows: number): void {
    const blocks = ((rows - 1) >> BITS) + 1;
    this.numbers = grown(this.numbers, blocks);
    this.versions = grown(this.versions, blocks);
  }
}

/**
 * The rows of one family: the interface that series and layouts use.
 *
 * A row has `layout.width` numbers in `cells`, one row after the other.
 */
export interface RowStore {
  /** The family. */
  readonly desc: FamilyDesc;
  /** The layout of the rows. */
  readonly layout: Layout;
  /** The clock of the registry. */
  readonly clock: Clock;
  /** The numbers of all rows; the array is replaced when it grows. */
  readonly cells: Float64Array;
  /** By row: its start in unix seconds; empty unless `tracksStart`. */
  readonly starts: Float64Array;
  /** The blocks of rows that have changed since the last scrape: see `mark`. */
  readonly marks: Uint8Array;
  /** Exemplars by the index of their cell; created with the first one. */
  readonly exemplars: ReadonlyMap<number, Exemplar> | undefined;
  /** Samples exemplars; undefined if the registry has no source of them. */
  readonly sampler: ExemplarSampler | undefined;
  /** Returns the series to record into for a series whose `row` is negative. */
  revive(series: Series): Series;
  /** Returns the label values of a series, whether or not it has a row. */
  valuesOf(series: Series): readonly string[];
  /** Returns cell `at` of a series, whether or not it has a row. */
  cellOf(series: Series, at: number): number;
  /** Resets a row to its initial values and its start to the current time. */
  reset(row: number): void;
  /**
   * Counts an observation that was not recorded as requested.
   *
   * @throws {RangeError} If the registry is strict.
   */
  reject(reason: RejectReason, offending: unknown): void;
  /** Rejects an observation of which `value` or `count` is illegal. */
  rejectObservation(value: unknown, count: unknown): void;
  /** Returns an exemplar with the current time; undefined if it is rejected. */
  makeExemplar(labels: ExemplarLabels, value: number): Exemplar | undefined;
  /** Stores an exemplar for a cell, or rejects its labels. */
  keepExemplar(cell: number, labels: ExemplarLabels, value: number): void;
  /** Stores an exemplar from the source for a cell, if one is due. */
  maybeKeepExemplar(cell: number, value: number): void;
}

/**
 * The layout of the rows of one kind, and how they are written.
 *
 * The series of a kind must follow five rules, which `kindLaws` of `./testing`
 * checks:
 * - Each record ends with `mark(store.marks, row)`.
 * - No cell is ever -0: add 0 to a value before you store it.
 * - If `row` is negative, `store.revive(this)` records.
 * - Each record reads `store.cells` again, and writes only to its own row.
 * - A record throws only through `store.reject`: it rejects a value of a wrong
 *   type, such as a string or a symbol, before it computes with it.
 */
export interface Layout<S extends Series = Series> {
  /** Cells per row. */
  readonly width: number;
  /**
   * Whether cells, labels, start and exemplars fully describe a series. If
   * not, each scrape writes all series again.
   */
  readonly isPlain: boolean;
  /**
   * Whether each record changes a cell, if `isPlain` is false: a fleet then
   * publishes only series that have recorded. Default: false.
   */
  readonly countsInCells?: boolean | undefined;
  /** Whether series have a start time. */
  readonly tracksStart: boolean;
  /** The upper bounds of a histogram: see `Rows`. Default: no histogram. */
  readonly bounds?: Float64Array | undefined;
  /** The native buckets of a histogram: see `Rows`. Default: none. */
  readonly native?: unknown;
  /** The value of each cell before the first record. Default: 0. */
  readonly initial?: number | undefined;
  /** Creates the series of `row`. */
  series(store: RowStore, row: number): S;
  /**
   * Writes the series of `row`, whose labels are `labels`, into `sink`: one point,
   * or one per value of the kind's own label. It may skip a point that has no
   * value yet.
   */
  emit(store: RowStore, row: number, labels: RowLabels, sink: Sink): void;
  /** Removes and returns the state of `row` that is not in its cells. */
  release?(row: number): unknown;
  /** Stores a state that `release` has returned, as the state of `row`. */
  restore?(row: number, state: unknown): void;
}

/**
 * The handle of one label set. Subclasses record into their row, by the rules of
 * `Layout`; callers without a type checker may pass values of any type:
 *
 * ```ts
 * import { mark, Series } from "@barograph/barograph/metrics";
 *
 * class Maximum extends Series {
 *   record(value: number): void {
 *     const { row, store } = this;
 *     if (typeof value !== "number") {
 *       return store.reject("not_a_number", value);
 *     }
 *     if (row < 0) return (store.revive(this) as Maximum).record(value);
 *     if (!(value > store.cells[row]!)) return;
 *     store.cells[row] = value + 0;
 *     mark(store.marks, row);
 *   }
 * }
 * ```
 */
export abstract class Series {
  /** The rows of the family. */
  readonly store: RowStore;
  /**
   * The index of the row. A negative index means that the series has no row, or
   * is stale: a record must then call `store.revive`. A stale series whose row
   * was `r` has the index `~r`.
   */
  row: number;

  /** Creates the series of `row`. */
  constructor(store: RowStore, row: number) {
    this.store = store;
    this.row = row;
  }

  /** Returns the text that `console.log` prints. */
  [INSPECT](): string {
    return seriesText(this, this.store.desc, this.store.valuesOf(this));
  }
}

/** Returns the row of a series that has one, stale or not. */
export function rowOf({ row }: { readonly row: number }): number {
  return row < 0 ? ~row : row;
}

/** The labels of the row being written; borrowed, like every view. */
export class RowLabels implements LabelSet {
  /** The label names of the family. */
  readonly names: readonly string[];
  /** The value of the label that the kind writes itself: see `ownLabel`. */
  last = "";
  /** The row being written. */
  row = 0;
  readonly #columns: Pick<LabelColumns, "value">;
  readonly #arity: number;

  /** If `arity` is less than the number of names, the kind writes the last one. */
  constructor(
    names: readonly string[],
    columns: Pick<LabelColumns, "value">,
    arity: number,
  ) {
    this.names = names;
    this.#columns = columns;
    this.#arity = arity;
  }

  /** Returns the value of the label at `index`. */
  value(index: number): string {
    if (index >= this.#arity) return this.last;
    return this.#columns.value(this.row, index);
  }
}
