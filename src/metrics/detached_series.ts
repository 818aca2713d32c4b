/**
 * Series that have no row in their table but may still be held by callers. With
 * its next record a removed series starts again from zero, and an expired series
 * continues from the last state of its label set, whichever series recorded it.
 *
 * - References are weak: a series that nobody holds is collected as garbage, and
 *   leaves nothing behind.
 * - Removing a label set also resets a series that has expired before.
 */
import type { RowState } from "./row_state.ts";
import type { Series } from "./series.ts";

/** The record of a series without a row. */
export interface Detached {
  readonly values: readonly string[];
  /** Whether it was the overflow series: it becomes that again. */
  readonly isOverflow: boolean;
  /** Shared by all series of the label set; undefined if none can expire. */
  readonly slot: Slot | undefined;
}

/** The state from which the series of one label set continue. */
export interface Slot {
  values: readonly string[];
  /** Undefined if they start again. */
  state: RowState | undefined;
}

/** The series of one table that have no row. */
export class DetachedSeries {
  readonly #detached = new WeakMap<Series, Detached>();
  /** By label set: its slot, while a series of it is held. */
  readonly #slots: Map<string, WeakRef<Slot>> | undefined;
  /** Removes the references to slots that are no longer held. */
  readonly #released: FinalizationRegistry<string> | undefined;

  /** `keepsStates`: whether series can expire. */
  constructor(keepsStates: boolean) {
    if (!keepsStates) return;
    const slots = new Map<string, WeakRef<Slot>>();
    this.#slots = slots;
    this.#released = new FinalizationRegistry((key) => {
      if (slots.get(key)?.deref() === undefined) slots.delete(key);
    });
  }

  /** Returns the record of `series`; undefined if the series is not detached. */
  get(series: Series): Detached | undefined {
    return this.#detached.get(series);
  }

  /** Adds a series that has lost its row; it continues from `state` if given. */
  detach(
    series: Series,
    values: readonly string[],
    isOverflow: boolean,
    state: RowState | undefined,
  ): void {
    const slot = this.#slotOf(values, isOverflow);
    if (slot !== undefined) {
      slot.values = values;
      slot.state = state;
    }
    this.#detached.set(series, { values, isOverflow, slot });
  }

  /** Removes a series that has a row again; returns the state to continue from. */
  revive(series: Series): RowState | undefined {
    const slot = this.#detached.get(series)?.slot;
    this.#detached.delete(series);
    const state = slot?.state;
    if (slot !== undefined) slot.state = undefined;
    return state;
  }

  /**
   * Drops the state of all series whose label values match `pattern`, so that
   * they start again; undefined matches any value.
   */
  forget(pattern: readonly (string | undefined)[]): void {
    for (const reference of this.#slots?.values() ?? []) {
      const slot = reference.deref();
      const matches = slot?.values.every((value, at) =>
        pattern[at] === undefined || pattern[at] === value
      );
      if (matches === true) slot!.state = undefined;
    }
  }

  #slotOf(values: readonly string[], isOverflow: boolean): Slot | undefined {
    if (this.#slots === undefined) return undefined;
    // The overflow series changes its values, but is the same series.
    const key = isOverflow ? "" : JSON.stringify(values);
    const known = this.#slots.get(key)?.deref();
    if (known !== undefined) return known;
    const slot: Slot = { values, state: undefined };
    this.#slots.set(key, new WeakRef(slot));
    this.#released!.register(slot, key);
    return slot;
  }
}
