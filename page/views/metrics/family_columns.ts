/**
 * One line for each family in the list: what all its series do together.
 */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { Store } from "../../core/data.ts";
import { movingRate } from "../../core/windows.ts";
import type { Track } from "../../charts/tracks.ts";
import { ColumnSums } from "./column_sums.ts";
import { relativeChange } from "./family_list.ts";
import { isLevel } from "./names.ts";
import { foldOf } from "./promql.ts";

/** Seconds over which the rates of the small lines are taken. */
const SMOOTHED = 30;

/** The lines of all families whose series have come. */
export class FamilyColumns {
  readonly #store: Store;
  readonly #sums = new Map<number, ColumnSums>();
  readonly #changes = new Map<number, number | null>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Brings the lines up to date; `isAll`: older columns may have changed. */
  update(isAll: boolean): void {
    if (isAll) this.#sums.clear();
    this.#changes.clear();
    const { axis, families } = this.#store;
    for (const family of families.values()) {
      if (!this.#store.isLoaded(family.id) || family.type === "info") continue;
      this.#sumsOf(family).update(axis);
    }
  }

  #sumsOf(family: FamilyInfo): ColumnSums {
    const series = this.#store.series(family.id);
    let sums = this.#sums.get(family.id);
    // Series only come at the end and leave anywhere.
    if (
      sums === undefined || sums.series.length !== series.length ||
      sums.series.at(-1) !== series.at(-1)
    ) {
      sums = new ColumnSums([...series], foldOf(family), true);
      this.#sums.set(family.id, sums);
    }
    return sums;
  }

  /** Returns the line of a family; null while it is unknown. */
  trackOf(family: FamilyInfo): Track | null {
    const sums = this.#sums.get(family.id);
    if (sums === undefined || sums.series.length === 0) return null;
    const { axis } = this.#store;
    const { from, step } = axis;
    const values = isLevel(family)
      ? sums.values
      : movingRate(sums.values, axis, SMOOTHED);
    return { from, step, values };
  }

  /** Returns the relative change of the last minute; null if it is unknown. */
  changeOf(family: FamilyInfo): number | null {
    const known = this.#changes.get(family.id);
    if (known !== undefined) return known;
    const sums = this.#sums.get(family.id);
    const isCount = !isLevel(family);
    const change = sums === undefined ? null : relativeChange(
      // The last column of counts is not full yet.
      isCount ? sums.values.subarray(0, -1) : sums.values,
      this.#store.axis.step,
      isCount,
    );
    this.#changes.set(family.id, change);
    return change;
  }
}
