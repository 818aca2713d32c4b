/**
 * Native buckets: exponential, made as they are needed, bounded in number; no
 * bounds have to be chosen.
 */
import {
  BucketStore,
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
  readonly schema?: number;
  /**
   * How many buckets a series may have, between the lowest and the highest in
   * use, on both sides of zero. A series that needs more is reset, its zero
   * bucket widened or its resolution halved, in this order and as far as the
   * other options allow. Default: 256.
   */
  readonly maxBuckets?: number;
  /** Magnitudes up to it count as zero. Default: 2^-128. */
  readonly zeroThreshold?: number;
  /** How far the zero bucket may grow. Default: 0, not at all. */
  readonly maxZeroThreshold?: number;
  /**
   * Seconds after which a series that needs more buckets may be reset: to zero
   * and full resolution. Default: never.
   */
  readonly resetAfter?: number;
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

/** The native buckets of one row. */
export interface NativeRow {
  readonly store: BucketStore;
  /** The exemplars, where no classic bucket keeps them. */
  readonly exemplars: ExemplarReservoir;
  /** Since when it counts, on the monotonic clock. */
  since: number;
}

/** The native buckets of a table, by row; each is made when it is needed. */
export class NativeRows {
  readonly #settings: Required<NativeOptions>;
  readonly #rows: (NativeRow | undefined)[] = [];

  constructor(settings: Required<NativeOptions>) {
    this.#settings = settings;
  }

  /** The native buckets of `row`, made if need be. */
  of(row: number, table: RowStore): NativeRow {
    return this.#rows[row] ??= {
      store: new BucketStore(this.#settings),
      exemplars: new ExemplarReservoir(),
      since: table.clock.mono(),
    };
  }

  /**
   * Counts `value`, `count` times. To be called before the cells of the row
   * count: it may reset them. Cost: one bucket search; only new buckets
   * allocate.
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

  /** Hands over the buckets of `row`. */
  release(row: number): NativeRow | undefined {
    const native = this.#rows[row];
    this.#rows[row] = undefined;
    return native;
  }

  /** Takes back buckets, for another row. */
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
 * The native buckets of a declaration; undefined if it requests none.
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
