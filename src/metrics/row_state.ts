/** The contents of a row, which a series can take with it and bring back. */
import { ownValue } from "../base/internal.ts";
import type { Exemplar } from "../model/mod.ts";
import type { Layout, RowStore } from "./series.ts";

/** The contents of a row. */
export interface RowState {
  readonly cells: Float64Array;
  readonly start: number;
  /** By cell of the row. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
  /** The state that the layout keeps outside the cells. */
  readonly extra: unknown;
}

/** A table, of which rows are emptied and filled. */
interface Rows extends RowStore {
  readonly exemplars: Map<number, Exemplar> | undefined;
}

/** Returns the value of each cell before the first record. */
export function initialOf(layout: Layout): number {
  return ownValue(layout, "initial") as Layout["initial"] ?? 0;
}

/** Empties a row and returns its contents. */
export function takeState(table: Rows, row: number): RowState {
  const { width } = table.layout;
  const from = row * width;
  const exemplars = new Map<number, Exemplar>();
  for (let at = 0; at < width && table.exemplars !== undefined; at++) {
    const exemplar = table.exemplars.get(from + at);
    if (exemplar === undefined) continue;
    exemplars.set(at, exemplar);
    table.exemplars.delete(from + at);
  }
  const cells = table.cells.slice(from, from + width);
  table.cells.fill(0, from, from + width);
  const start = table.starts[row] ?? 0;
  const { layout } = table;
  const release = ownValue(layout, "release") as Layout["release"];
  return { cells, start, exemplars, extra: release?.call(layout, row) };
}

/** Fills a row with the contents of an earlier one. */
export function restoreState(
  table: Rows,
  row: number,
  { cells, start, exemplars, extra }: RowState,
): void {
  const from = row * table.layout.width;
  table.cells.set(cells, from);
  if (table.layout.tracksStart) table.starts[row] = start;
  for (const [at, exemplar] of exemplars) {
    table.exemplars!.set(from + at, exemplar);
  }
  const { layout } = table;
  const restore = ownValue(layout, "restore") as Layout["restore"];
  restore?.call(layout, row, extra);
}
