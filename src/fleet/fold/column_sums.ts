/**
 * Sums of many entries at once: slot after slot, each from its first row to its
 * last. Entry after entry takes three times as long, because each one then reads
 * from all slots. The order of the additions is the same.
 */
import type { Entry } from "./entry.ts";
import { countOf, type SlotRows, totalOf } from "./merge_picks.ts";
import { longer } from "../slot/columns.ts";
import { EXPIRED, HELD } from "../slot/slot.ts";

/** Some row counts for the entry. */
const COUNTED = 1;
/** A live member holds the series. */
const IS_HELD = 2;
/** The series has expired in a slot. */
const HAS_EXPIRED = 4;

/** The sums of entries whose rows all count, also those of the dead. */
export class ColumnSums {
  readonly #width: number;
  /** By slot and id of the entry: the first cell of the row that counts, or -1. */
  readonly #cellsAt: Int32Array[] = [];
  // By index of the entries that are added up:
  /** Their ids. */
  #ids: Int32Array = new Int32Array(0);
  /** `width` cells each. */
  #sums: Float64Array = new Float64Array(0);
  /** The earliest start in unix seconds; infinite: unknown. */
  #starts: Float64Array = new Float64Array(0);
  #flags: Uint8Array = new Uint8Array(0);

  constructor(width: number) {
    this.#width = width;
  }

  /** Adds up entries; `rowsOf` are the rows of each entry, by slot. */
  take(
    entries: readonly Entry[],
    rowsOf: readonly Int32Array[],
    slots: readonly SlotRows[],
  ): void {
    const { length } = entries;
    this.#reserve(length);
    this.#sums.fill(0, 0, length * this.#width);
    this.#place(entries, rowsOf, slots);
    for (let s = 0; s < rowsOf.length; s++) {
      this.#add(slots[s]!.cells, this.#cellsAt[s]!, length);
    }
  }

  #reserve(length: number): void {
    if (length <= this.#ids.length) return;
    this.#ids = new Int32Array(length);
    this.#sums = new Float64Array(length * this.#width);
    this.#starts = new Float64Array(length);
    this.#flags = new Uint8Array(length);
  }

  /** Finds the rows that count for stale entries. */
  #place(
    entries: readonly Entry[],
    rowsOf: readonly Int32Array[],
    slots: readonly SlotRows[],
  ): void {
    const ids = this.#ids;
    /** The indexes of such entries, and the generations that do not count. */
    const stale: number[] = [];
    const removed: number[] = [];
    for (let i = 0; i < entries.length; i++) {
      const { id, removed: highest, isStale } = entries[i]!;
      ids[i] = id;
      if (!isStale) continue;
      stale.push(i);
      removed.push(highest);
      this.#flags[i] = 0;
      this.#starts[i] = Infinity;
    }
    if (stale.length === 0) return;
    rowsOf.forEach((rows, s) => {
      this.#cellsAt[s] = placedFor(this.#cellsAt[s], rows.length);
      this.#placeIn(s, slots[s]!, rows, stale, removed);
    });
  }

  #placeIn(
    s: number,
    slot: SlotRows,
    rows: Int32Array,
    stale: readonly number[],
    removed: readonly number[],
  ): void {
    const { states, at, isLive, generations, starts: rowStarts } = slot;
    const ids = this.#ids;
    const cellsAt = this.#cellsAt[s]!;
    const starts = this.#starts;
    const flags = this.#flags;
    for (let k = 0; k < stale.length; k++) {
      const i = stale[k]!;
      const id = ids[i]!;
      if (id >= rows.length) continue;
      const row = rows[id]!;
      cellsAt[id] = -1;
      if (row < 0 || generations[row]! <= removed[k]!) continue;
      cellsAt[id] = at[row]!;
      const state = states[row];
      flags[i]! |= COUNTED |
        (state === EXPIRED
          ? HAS_EXPIRED
          : state === HELD && isLive
          ? IS_HELD
          : 0);
      const start = rowStarts[row]!;
      if (start > 0 && start < starts[i]!) starts[i] = start;
    }
  }

  /** Adds the cells of one slot. */
  #add(cells: Float64Array, cellsAt: Int32Array, length: number): void {
    const width = this.#width;
    const ids = this.#ids;
    const sums = this.#sums;
    const last = width - 1;
    for (let i = 0; i < length; i++) {
      const id = ids[i]!;
      const from = id < cellsAt.length ? cellsAt[id]! : -1;
      if (from < 0) continue;
      const to = i * width;
      if (width === 1) {
        sums[to]! += totalOf(cells[from]!);
        continue;
      }
      for (let cell = 0; cell < last; cell++) {
        sums[to + cell]! += countOf(cells[from + cell]!);
      }
      sums[to + last]! += cells[from + last]!;
    }
  }

  /** Returns whether an entry, the one at an index, is shown. */
  isVisible({ isStale, position }: Entry, index: number): boolean {
    if (!isStale) return position >= 0;
    const flags = this.#flags[index]!;
    return (flags & COUNTED) !== 0 &&
      ((flags & IS_HELD) !== 0 || (flags & HAS_EXPIRED) === 0);
  }

  /** Returns when a stale entry began; 0: unknown. */
  startOf(index: number): number {
    const start = this.#starts[index]!;
    return start === Infinity ? 0 : start;
  }

  /** Copies the sums of the entry at an index. */
  copyTo(merged: Float64Array, index: number): void {
    const from = index * this.#width;
    for (let i = 0; i < merged.length; i++) merged[i] = this.#sums[from + i]!;
  }
}

/** Returns a column with room for `length` entries; none of the new ones counts. */
function placedFor(
  column: Int32Array = new Int32Array(0),
  length: number,
): Int32Array {
  if (column.length >= length) return column;
  const { length: known } = column;
  return longer(column, length).fill(-1, known);
}
