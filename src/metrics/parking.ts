/**
 * Series that are in no row of their table but may still be held: removed by
 * hand, they start anew from zero when they record; expired, they go on from
 * where they were.
 *
 * - Nobody is kept alive by it: what is no longer held is forgotten.
 * - A removal reaches those that had expired before, too.
 */
import type { Exemplar } from "../model/mod.ts";
import type { Series } from "./series.ts";

/** What is kept of a series. */
export interface Parked {
  readonly values: readonly string[];
  /** What it had counted; absent if it was removed. */
  state: ParkedState | undefined;
  /** Whether it was the one that takes what is too much, and will be again. */
  readonly overflow: boolean;
}

/** What a row held. */
export interface ParkedState {
  readonly cells: Float64Array;
  readonly start: number;
  /** By cell of the row. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
  /** What the kind keeps beside the cells. */
  readonly beside: unknown;
}

/** So many references are worth looking through for those that are gone. */
const FEW = 64;

/** The series of one table that are in no row. */
export class Parking {
  readonly #parked = new WeakMap<Series, Parked>();
  /** Those that have a state to go on from. */
  readonly #expired = new Set<WeakRef<Series>>();
  #sweepAt = FEW;

  /** What is kept of `series`; undefined if it is not here. */
  of(series: Series): Parked | undefined {
    return this.#parked.get(series);
  }

  /** `series` has lost its row. */
  enter(series: Series, parked: Parked): void {
    this.#parked.set(series, parked);
    if (parked.state === undefined) return;
    if (this.#expired.size >= this.#sweepAt) this.#sweep();
    this.#expired.add(new WeakRef(series));
  }

  /** `series` has a row again. */
  leave(series: Series): void {
    this.#parked.delete(series);
  }

  /**
   * Those that have the wanted values, by the place of the label, start anew;
   * undefined stands for any value.
   */
  forget(wanted: readonly (string | undefined)[]): void {
    for (const reference of this.#expired) {
      const series = reference.deref();
      const parked = series && this.#parked.get(series);
      const agrees = parked?.values.every((value, at) =>
        wanted[at] === undefined || wanted[at] === value
      );
      if (agrees === false) continue;
      if (parked !== undefined) parked.state = undefined;
      this.#expired.delete(reference);
    }
  }

  #sweep(): void {
    for (const reference of this.#expired) {
      const series = reference.deref();
      if (series !== undefined && this.#parked.has(series)) continue;
      this.#expired.delete(reference);
    }
    this.#sweepAt = 2 * this.#expired.size + FEW;
  }
}
