/**
 * Series that have no row in their table but may still be held by callers. With
 * its next record a removed series starts again from zero, and an expired series
 * continues from its last state.
 *
 * - References are weak: a series that nobody holds is collected as garbage.
 * - Removing a label set also resets a series that has expired before.
 */
import type { Exemplar } from "../model/mod.ts";
import type { Series } from "./series.ts";

/** The record of a series without a row. */
export interface Detached {
  readonly values: readonly string[];
  /** The state to continue from; undefined if the series starts again. */
  state: RowState | undefined;
  /** Whether it was the overflow series: it becomes that again. */
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

/** The number of references from which on dead ones are removed. */
const MIN_SWEEP = 64;

/** The series of one table that have no row. */
export class DetachedSeries {
  readonly #detached = new WeakMap<Series, Detached>();
  /** The series that have a state to continue from. */
  readonly #expired = new Set<WeakRef<Series>>();
  #sweepAt = MIN_SWEEP;

  /** Returns the record of `series`; undefined if the series is not detached. */
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
   * Drops the state of all series whose label values match `pattern`, so that
   * they start again; undefined matches any value.
   */
  forget(pattern: readonly (string | undefined)[]): void {
    for (const reference of this.#expired) {
      const series = reference.deref();
      const detached = series && this.#detached.get(series);
      const matches = detached?.values.every((value, at) =>
        pattern[at] === undefined || pattern[at] === value
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
