/**
 * Series that are in no row of their table but may still be held. A removed
 * series starts again from zero with its next record; an expired one continues
 * from where it was.
 *
 * - References are weak: a series that nobody holds is forgotten.
 * - A removal also reaches series that had expired before.
 */
import type { Exemplar } from "../model/mod.ts";
import type { Series } from "./series.ts";

/** The record of a series without a row. */
export interface Detached {
  readonly values: readonly string[];
  /** Where it continues; undefined if it starts again. */
  state: RowState | undefined;
  /** Whether it was the overflow series, and will be again. */
  readonly isOverflow: boolean;
}

/** The contents of a row. */
export interface RowState {
  readonly cells: Float64Array;
  readonly start: number;
  /** By cell of the row. */
  readonly exemplars: ReadonlyMap<number, Exemplar>;
  /** The state that the layout keeps outside the cells. */
  readonly extra: unknown;
}

/** How many references are worth a search for dead ones. */
const MIN_SWEEP = 64;

/** The series of one table that are in no row. */
export class DetachedSeries {
  readonly #detached = new WeakMap<Series, Detached>();
  /** Those that have a state to continue from. */
  readonly #expired = new Set<WeakRef<Series>>();
  #sweepAt = MIN_SWEEP;

  /** Returns the record of `series`; undefined if it is not here. */
  get(series: Series): Detached | undefined {
    return this.#detached.get(series);
  }

  /** Adds a series that has lost its row. */
  detach(series: Series, detached: Detached): void {
    this.#detached.set(series, detached);
    if (detached.state === undefined) return;
    if (this.#expired.size >= this.#sweepAt) this.#sweep();
    this.#expired.add(new WeakRef(series));
  }

  /** Removes a series that has a row again. */
  revive(series: Series): void {
    this.#detached.delete(series);
  }

  /**
   * Lets the series with these label values start again; undefined matches any
   * value.
   */
  forget(wanted: readonly (string | undefined)[]): void {
    for (const reference of this.#expired) {
      const series = reference.deref();
      const detached = series && this.#detached.get(series);
      const matches = detached?.values.every((value, at) =>
        wanted[at] === undefined || wanted[at] === value
      );
      if (matches === false) continue;
      if (detached !== undefined) detached.state = undefined;
      this.#expired.delete(reference);
    }
  }

  #sweep(): void {
    for (const reference of this.#expired) {
      const series = reference.deref();
      if (series !== undefined && this.#detached.has(series)) continue;
      this.#expired.delete(reference);
    }
    this.#sweepAt = 2 * this.#expired.size + MIN_SWEEP;
  }
}
