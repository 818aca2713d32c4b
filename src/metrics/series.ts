/**
 * Series and the columns they record into: the handle of one row, what a
 * handle needs of its table, and the layout that makes rows those of one kind.
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

// V8 converts every sum to an integer and back for as long as it has seen
// nothing but whole numbers here, which takes 5 ns instead of 2. Let it see
// fractions first, often enough to take notice.
const scratch = new Float64Array(1);
for (let i = 0; i < 64; i++) add(scratch, 0, 0.3);

/** Growth of a column: at most a fifth of it stands empty. */
const GROWTH = 1.25;

/** New capacity for `rows`, growing by at least 25 %. */
export function capacityFor(rows: number, capacity: number): number {
  return Math.max(rows, Math.ceil(GROWTH * capacity));
}

/** A longer copy of a column; the new cells are zero. */
export function grown<C extends Float64Array | Uint32Array | Uint8Array>(
  column: C,
  length: number,
): C {
  const Column = column.constructor as new (length: number) => C;
  const larger = new Column(length);
  larger.set(column);
  return larger;
}

/** Which blocks of rows have changed: a scrape looks at nothing else. */
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

  /** Makes room for `rows`. */
  grow(rows: number): void {
    const blocks = ((rows - 1) >> BITS) + 1;
    this.numbers = grown(this.numbers, blocks);
    this.versions = grown(this.versions, blocks);
  }
}

/**
 * The rows of one family, as series and layouts see them.
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
  /** The numbers of all rows; another array once there are more rows. */
  readonly cells: Float64Array;
  /** Per row, its start in unix seconds; empty unless `tracksStart`. */
  readonly starts: Float64Array;
  /** Which rows have changed since the last scrape: see `mark`. */
  readonly marks: Uint8Array;
  /** Exemplars by the index of their cell; made with the first one. */
  readonly exemplars: ReadonlyMap<number, Exemplar> | undefined;
  /** Takes exemplars by itself; undefined without a source. */
  readonly sampler: ExemplarSampler | undefined;
  /** Returns the series that records for one whose `row` is negative. */
  revive(series: Series): Series;
  /** Reads cell `at` of a series, whether or not it has a row. */
  cellOf(series: Series, at: number): number;
  /** Sets a row back to its initial values; it counts from now on. */
  reset(row: number): void;
  /**
   * Counts an observation that was not recorded as requested.
   *
   * @throws {RangeError} If the registry is strict.
   */
  reject(reason: RejectReason, offending: unknown): void;
  /** Rejects an observation of `value`, `count` times, for the right reason. */
  rejectObservation(value: unknown, count: unknown): void;
  /** Makes an exemplar of this moment; undefined if its labels are rejected. */
  makeExemplar(labels: ExemplarLabels, value: number): Exemplar | undefined;
  /** Keeps an exemplar given by hand for the cell, or rejects its labels. */
  keepExemplar(cell: number, labels: ExemplarLabels, value: number): void;
  /** Keeps an exemplar from the source for the cell, if one is due. */
  maybeKeepExemplar(cell: number, value: number): void;
}

/**
 * How the rows of one kind are laid out, and how they are written.
 *
 * Four rules keep scrapes right. `kindLaws` of `./testing` checks them.
 * - Each record ends in `mark(store.marks, row)`.
 * - No cell is ever -0: add 0 to a value that is stored as it was given.
 * - A record on a negative `row` goes to `store.revive(this)`.
 * - A record never throws, except through `store.reject`.
 */
export interface Layout<S extends Series = Series> {
  /** Cells per row. */
  readonly width: number;
  /**
   * Whether cells, labels, start and exemplars fully describe a series. If
   * not, each scrape writes all series again.
   */
  readonly isPlain: boolean;
  /** Whether series report since when they count. */
  readonly tracksStart: boolean;
  /** The value of each cell before the first record. Default: 0. */
  readonly initial?: number | undefined;
  /** Makes the series of `row`. */
  series(store: RowStore, row: number): S;
  /** Writes the series of `row`, whose labels are `labels`, into `sink`. */
  emit(store: RowStore, row: number, labels: RowLabels, sink: Sink): void;
  /** Hands over the state of `row` that is not in the cells, and forgets it. */
  release?(row: number): unknown;
  /** Takes back what `release` handed over, for another row. */
  restore?(row: number, state: unknown): void;
}

/**
 * The handle of one label set. Subclasses record into their row:
 *
 * ```ts
 * import { mark, Series } from "@barograph/barograph/metrics";
 *
 * class Maximum extends Series {
 *   record(value: number): void {
 *     const { row, store } = this;
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
   * The row; negative if a record must pass through `store.revive` first. It
   * is then the complement of the row of a series that may have become stale.
   */
  row: number;

  /** A series in `row`. */
  constructor(store: RowStore, row: number) {
    this.store = store;
    this.row = row;
  }
}

/** The row of a series that has one, stale or not. */
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
  readonly #columns: LabelColumns;
  readonly #arity: number;

  /** The last name is the kind's own label if `arity` is below their number. */
  constructor(
    names: readonly string[],
    columns: LabelColumns,
    arity: number,
  ) {
    this.names = names;
    this.#columns = columns;
    this.#arity = arity;
  }

  /** The value of the label at `index`. */
  value(index: number): string {
    if (index >= this.#arity) return this.last;
    return this.#columns.value(this.row, index);
  }
}
