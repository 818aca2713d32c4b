/**
 * Native buckets: of exponential width, created on demand, limited in number. No
 * bounds have to be chosen.
 */
import {
  BucketStore,
  type ReadOptions,
  readOptions,
  rule,
  type SchemaOf,
} from "../base/internal.ts";
import { ExemplarReservoir } from "./exemplars.ts";
import type { RowStore } from "./series.ts";

/** The resolution of native buckets, and their limits. */
export interface NativeOptions {
  /**
   * Resolution, -4 to 8: `2^schema` buckets per power of two. A quantile is off
   * by at most half a bucket: 4.4 % at schema 3, 2.2 % at 4, 0.14 % at 8.
   * Default: 3.
   */
  readonly schema?: number | undefined;
  /**
   * Maximum number of buckets of a series, counted from the lowest to the highest
   * in use on both sides of zero. If a series needs more, it is reset, its zero
   * bucket is widened or its resolution is halved, in this order and as far as
   * the other options allow. Default: 256.
   */
  readonly maxBuckets?: number | undefined;
  /** Values up to this magnitude count as zero. Default: 2^-128. */
  readonly zeroThreshold?: number | undefined;
  /** Limit up to which the zero bucket may be widened. Default: 0, not at all. */
  readonly maxZeroThreshold?: number | undefined;
  /**
   * Seconds since its start after which a series that needs more buckets is
   * reset to zero and full resolution. Default: never.
   */
  readonly resetAfter?: number | undefined;
}

const isThreshold = (value: unknown): boolean =>
  typeof value === "number" && value >= 0 && value < Infinity;

const SCHEMA = {
  schema: rule<number>(
    (value) =>
      Number.isInteger(value) && value as number >= -4 && value as number <= 8,
    "a whole number from -4 (coarse) to 8 (fine)",
    3,
  ),
  maxBuckets: rule<number>(
    (value) => Number.isInteger(value) && value as number >= 1,
    "a whole number from 1 on, such as 256",
    256,
  ),
  zeroThreshold: rule<number>(isThreshold, "a number from 0 on", 2 ** -128),
  maxZeroThreshold: rule<number>(isThreshold, "a number from 0 on", 0),
  resetAfter: rule<number>(
    (value) => typeof value === "number" && value > 0,
    "seconds above 0, such as 3600",
    Infinity,
  ),
} as const satisfies SchemaOf<NativeOptions>;

/** The options with their defaults. */
type Settings = ReadOptions<typeof SCHEMA>;

/** The native buckets of one row. */
export interface NativeRow {
  readonly store: BucketStore;
  /** The exemplars, if there are no classic buckets to hold them. */
  readonly exemplars: ExemplarReservoir;
  /** When it began to count, in seconds of the monotonic clock. */
  since: number;
}

/** The native buckets of a table by row, created when a row first needs them. */
export class NativeRows {
  readonly #settings: Settings;
  readonly #rows: (NativeRow | undefined)[] = [];
  /** The result of `read` for rows without any; nothing is counted in it. */
  #empty: Pick<NativeRow, "store" | "exemplars"> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Returns the native buckets of `row`; empty ones if nothing was counted. */
  read(row: number): Pick<NativeRow, "store" | "exemplars"> {
    return this.#rows[row] ?? (this.#empty ??= {
      store: new BucketStore(this.#settings),
      exemplars: new ExemplarReservoir(),
    });
  }

  /** Returns the native buckets of `row`; creates them if necessary. */
  of(row: number, table: RowStore): NativeRow {
    return this.#rows[row] ??= {
      store: new BucketStore(this.#settings),
      exemplars: new ExemplarReservoir(),
      since: table.clock.mono(),
    };
  }

  /**
   * Counts `value`, `count` times. Call it before you add to the cells of the
   * row: it may reset them. Cost: one bucket search; only new buckets allocate.
   */
  add(row: number, table: RowStore, value: number, count: number): void {
    const native = this.#rows[row] ?? this.of(row, table);
    if (native.store.tryAdd(value, count)) return;
    const now = table.clock.mono();
    if (now - native.since >= this.#settings.resetAfter) {
      native.since = now;
      native.store.clear();
      native.exemplars.clear();
      table.reset(row);
    }
    native.store.add(value, count);
  }

  /** Removes and returns the buckets of `row`. */
  release(row: number): NativeRow | undefined {
    const native = this.#rows[row];
    this.#rows[row] = undefined;
    return native;
  }

  /** Stores buckets that `release` has returned, as the buckets of `row`. */
  restore(row: number, native: NativeRow | undefined): void {
    this.#rows[row] = native;
  }
}

/** The native buckets that a declaration requests. */
export interface NativeBuckets {
  /** All options as text: a second declaration must repeat them. */
  readonly terms: string;
  /** Makes the native buckets of a new table. */
  rows(): NativeRows;
}

/**
 * Returns the native buckets of a declaration; undefined if it requests none.
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function nativeBuckets(
  name: string,
  given: boolean | NativeOptions,
): NativeBuckets | undefined {
  if (given === false) return undefined;
  const settings = readOptions(
    `Cannot declare native histogram "${name}"`,
    SCHEMA,
    given === true ? {} : given,
  );
  return {
    terms: JSON.stringify(settings),
    rows: () => new NativeRows(settings),
  };
}
