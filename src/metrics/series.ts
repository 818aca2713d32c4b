/**
 * What a table has rows of: the handle of one row, the labels of the row that
 * a walk has come to, and what makes rows those of one type of metric.
 */
import type { LabelSet, Sink } from "../model/mod.ts";
import type { LabelColumns } from "./label_columns.ts";
import type { Table } from "./table.ts";

/** One label tuple of a family; subclasses record. */
export abstract class Series {
  readonly table: Table;
  /**
   * The row, or, when a record must pass through `table.awaken` first, a
   * negative number: the complement of the row of a series that is asleep.
   */
  row: number;

  constructor(table: Table, row: number) {
    this.table = table;
    this.row = row;
  }
}

/** The row of a series that has one, awake or asleep. */
export function rowOf({ row }: { readonly row: number }): number {
  return row < 0 ? ~row : row;
}

/** What makes a table one of counters, gauges, histograms, … */
export interface Kind<S extends Series> {
  /** Cells a row. */
  readonly width: number;
  /** Whether cells, labels, start and exemplars tell all of a series. */
  readonly isPlain: boolean;
  /** Whether it matters since when a series counts. */
  readonly tracksStart: boolean;
  /** A series of this kind in `row`. */
  series(table: Table, row: number): S;
  /** Speaks the series of `row`, whose labels are `labels`. */
  emit(table: Table, row: number, labels: RowLabels, sink: Sink): void;
  /** Gives up what it keeps of `row` beside the cells. */
  release?(row: number): unknown;
  /** Takes back what `release` gave up, for another row. */
  restore?(row: number, kept: unknown): void;
}

/** The labels of the row that a walk has come to; lent like every view. */
export class RowLabels implements LabelSet {
  readonly names: readonly string[];
  /** The value of a last label that stands in no column (stateset). */
  last = "";
  row = 0;
  readonly #columns: LabelColumns;
  readonly #arity: number;

  constructor(
    names: readonly string[],
    columns: LabelColumns,
    arity: number,
  ) {
    this.names = names;
    this.#columns = columns;
    this.#arity = arity;
  }

  value(index: number): string {
    if (index >= this.#arity) return this.last;
    return this.#columns.value(this.row, index);
  }
}
