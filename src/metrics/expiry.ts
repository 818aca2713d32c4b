/** Finds the series of a table that have not recorded for a while. */
import type { Clock } from "../base/mod.ts";
import { grown, type Series } from "./series.ts";

/** When the series of each row were last found to have recorded. */
export class Expiry {
  readonly #clock: Clock;
  /** Seconds after which an idle series expires. */
  readonly #after: number;
  /** By row: when a pass last found a new record. */
  #seen: Float64Array;

  constructor(clock: Clock, after: number, rows: number) {
    this.#clock = clock;
    this.#after = after;
    this.#seen = new Float64Array(rows);
  }

  /** Begins the life of a series in `row`. */
  enter(row: number): void {
    this.#seen[row] = this.#clock.mono();
  }

  /**
   * Returns the rows of `series` from `from` up to, not including, `to` whose
   * series have expired. A series that has recorded since the last call becomes
   * stale, so that its next record is noticed; one that is still stale is idle.
   */
  expired(
    series: readonly (Series | undefined)[],
    from: number,
    to: number,
  ): number[] {
    const now = this.#clock.mono();
    const seen = this.#seen;
    const rows: number[] = [];
    for (let row = from; row < to; row++) {
      const current = series[row];
      if (current === undefined) continue;
      if (current.row >= 0) {
        seen[row] = now;
        current.row = ~row;
      } else if (now - seen[row]! >= this.#after) rows.push(row);
    }
    return rows;
  }

  /** Makes room for `rows` rows. */
  grow(rows: number): void {
    this.#seen = grown(this.#seen, rows);
  }
}
