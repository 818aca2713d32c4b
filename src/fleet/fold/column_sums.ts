/**
 * Sums of many entries at once: slot after slot, each from its first row to its
 * last. Entry after entry takes three times as long, because each one then reads
 * from all slots. The order of the additions is the same.
 */
import type { Entry } from "./entry.ts";
import { countOf, type SlotRows, totalOf } from "./merge_picks.ts";
import { EXPIRED, HELD } from "../slot/slot.ts";

/** Some row counts for the entry. */
const COUNTED = 1;
/** A live member holds the series. */
const IS_HELD = 2;
/** The series has expired in a slot. */
const HAS_EXPIRED = 4;

/** The sums of entries whose rows all count, also those of the dead. */
export class ColumnSums {
  /** By entry: `width` cells. */
  readonly #sums: Float64Array;
  readonly #width: number;
  /** By entry: the earliest start in unix seconds; infinite: unknown. */
  readonly #starts: Float64Array;
  readonly #flags: Uint8Array;

  /** `rowsOf` are the rows of each entry, by slot. */
  constructor(
    entries: readonly Entry[],
    rowsOf: readonly Int32Array[],
    slots: readonly SlotRows[],
    width: number,
  ) {
    const { length } = entries;
    this.#width = width;
    this.#sums = new Float64Array(length * width);
    this.#starts = new Float64Array(length).fill(Infinity);
    this.#flags = new Uint8Array(length);
    const ids = Int32Array.from(entries, ({ id }) => id);
    const generations = Float64Array.from(
      entries,
      ({ generation, removed }) => generation > removed ? generation : NaN,
    );
    rowsOf.forEach((rows, s) => {
      this.#add(slots[s]!, rows, ids, generations);
    });
  }

  #add(
    slot: SlotRows,
    rows: Int32Array,
    ids: Int32Array,
    generations: Float64Array,
  ): void {
    const width = this.#width;
    const { cells, states, at, isLive } = slot;
    const { generations: rowGenerations, starts: rowStarts } = slot;
    const sums = this.#sums;
    const starts = this.#starts;
    const flags = this.#flags;
    const last = width - 1;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const row = id < rows.length ? rows[id]! : -1;
      if (row < 0 || rowGenerations[row] !== generations[i]) continue;
      const state = states[row];
      flags[i]! |= COUNTED |
        (state === EXPIRED
          ? HAS_EXPIRED
          : state === HELD && isLive
          ? IS_HELD
          : 0);
      const start = rowStarts[row]!;
      if (start > 0 && start < starts[i]!) starts[i] = start;
      const from = at[row]!;
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

  /** Returns whether the entry at an index is shown. */
  isVisible(index: number): boolean {
    const flags = this.#flags[index]!;
    return (flags & COUNTED) !== 0 &&
      ((flags & IS_HELD) !== 0 || (flags & HAS_EXPIRED) === 0);
  }

  /** Returns when the entry at an index began; 0: unknown. */
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
