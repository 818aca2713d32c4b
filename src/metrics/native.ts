/**
 * The native side of histograms, as far as any histogram must know it: rows
 * that are made when they are needed. What makes them is in `native_rows.ts`.
 */
import type { BucketStore } from "../base/internal.ts";
import type { ExemplarSpread } from "./exemplar_spread.ts";
import type { Table } from "./table.ts";

/** How fine native buckets are, and how many there may be. */
export interface NativeOptions {
  /**
   * Resolution, -4 to 8, 3 unless given: `2^schema` buckets to every power of
   * two. A quantile is off by at most half a bucket: 4.4 % at schema 3, 2.2 %
   * at 4, 0.14 % at 8.
   */
  readonly schema?: number;
  /**
   * How many buckets a series may have, 256 unless given: between the lowest
   * and the highest in use, on both sides of zero. What would need more resets
   * the series, widens the zero bucket or halves the resolution, in this order
   * and as far as the other options allow.
   */
  readonly maxBuckets?: number;
  /** Magnitudes up to it count as zero; 2^-128 unless given. */
  readonly zeroThreshold?: number;
  /** How far the zero bucket may grow; not at all unless given. */
  readonly maxZeroThreshold?: number;
  /**
   * Seconds after which a series that needs more buckets may begin anew, from
   * zero and at full resolution. Never, unless given.
   */
  readonly resetAfter?: number;
}

/** The native buckets of one row. */
export interface NativeRow {
  readonly store: BucketStore;
  /** The exemplars, where no classic bucket keeps them. */
  readonly exemplars: ExemplarSpread;
  /** Since when it counts, on the monotonic clock. */
  since: number;
}

/** What native buckets a family has. */
export interface NativeSettings {
  readonly resetAfter: number;
  /** Makes those of one row, which count from `since` on. */
  row(since: number): NativeRow;
}

/** The native buckets of a table, by row. */
export class NativeRows {
  readonly #settings: NativeSettings;
  readonly #rows: (NativeRow | undefined)[] = [];

  constructor(settings: NativeSettings) {
    this.#settings = settings;
  }

  /** What `row` has, made if need be. */
  of(row: number, table: Table): NativeRow {
    return this.#rows[row] ??= this.#settings.row(table.host.clock.mono());
  }

  /**
   * Counts `value` before the cells of the row do: they may be reset by it.
   * Cost: one bucket search; no allocation but of new buckets.
   */
  add(row: number, table: Table, value: number, count: number): void {
    const native = this.#rows[row] ?? this.of(row, table);
    if (native.store.tryAdd(value, count)) return;
    const now = table.host.clock.mono();
    if (now - native.since >= this.#settings.resetAfter) {
      native.since = now;
      native.store.clear();
      native.exemplars.list.length = 0;
      table.reset(row);
    }
    native.store.add(value, count);
  }

  /** Gives up what `row` has. */
  release(row: number): NativeRow | undefined {
    const native = this.#rows[row];
    this.#rows[row] = undefined;
    return native;
  }

  /** Takes back what was given up, for another row. */
  restore(row: number, native: NativeRow | undefined): void {
    this.#rows[row] = native;
  }
}
