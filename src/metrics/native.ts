/**
 * The native side of histograms: exponential buckets that nobody has to
 * choose, made as they are needed and bounded in number.
 */
import { BucketStore } from "../base/mod.ts";
import { ExemplarSpread } from "./exemplar_spread.ts";
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

/** All of `NativeOptions`, checked. */
export type NativeSettings = Required<NativeOptions>;

const DEFAULTS: NativeSettings = {
  schema: 3,
  maxBuckets: 256,
  zeroThreshold: 2 ** -128,
  maxZeroThreshold: 0,
  resetAfter: Infinity,
};

/** The native buckets of one row. */
export interface NativeRow {
  readonly store: BucketStore;
  /** The exemplars, where no classic bucket keeps them. */
  readonly exemplars: ExemplarSpread;
  /** Since when it counts, on the monotonic clock. */
  since: number;
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
    return this.#rows[row] ??= {
      store: new BucketStore(this.#settings),
      exemplars: new ExemplarSpread(),
      since: table.host.clock.mono(),
    };
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

/** The kind of each option, and what to type. */
const LEGAL: Readonly<
  Record<keyof NativeOptions, readonly [(n: number) => boolean, string]>
> = {
  schema: [
    (n) => Number.isInteger(n) && n >= -4 && n <= 8,
    "a whole number from -4 (coarse) to 8 (fine), such as 3",
  ],
  maxBuckets: [
    (n) => Number.isInteger(n) && n >= 1,
    "a whole number from 1 on, such as 256",
  ],
  zeroThreshold: [(n) => n >= 0 && n < Infinity, "a number from 0 on"],
  maxZeroThreshold: [(n) => n >= 0 && n < Infinity, "a number from 0 on"],
  resetAfter: [(n) => n > 0, "seconds above 0, such as 3600"],
};

/**
 * The settings of a declaration; undefined if it asks for no native buckets.
 *
 * @throws {TypeError | RangeError} If they are none.
 */
export function checkedNative(
  name: string,
  given: boolean | NativeOptions,
): NativeSettings | undefined {
  const refuse = `Cannot declare histogram "${name}": `;
  if (given === false) return undefined;
  if (given === true) return DEFAULTS;
  if (typeof given !== "object" || given === null) {
    throw new TypeError(
      `${refuse}native must be true, false or options such as { schema: 3 }`,
    );
  }
  for (const [option, value] of Object.entries(given)) {
    if (!Object.hasOwn(LEGAL, option)) {
      throw new TypeError(
        `${refuse}native has no option "${option}"; ` +
          `give any of ${Object.keys(LEGAL).join(", ")}`,
      );
    }
    const [isLegal, advice] = LEGAL[option as keyof NativeOptions];
    if (value === undefined || (typeof value === "number" && isLegal(value))) {
      continue;
    }
    throw new RangeError(
      `${refuse}native ${option} is ${String(value)}; give ${advice}`,
    );
  }
  const known = Object.entries(given).filter(([, value]) =>
    value !== undefined
  );
  return { ...DEFAULTS, ...Object.fromEntries(known) };
}
