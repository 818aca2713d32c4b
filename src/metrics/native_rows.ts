/**
 * What native histograms count into: exponential buckets that nobody has to
 * choose, made as they are needed and bounded in number.
 */
import { BucketStore, checkOptions, type Kinds } from "../base/internal.ts";
import { ExemplarSpread } from "./exemplar_spread.ts";
import { type NativeOptions, NativeRows } from "./native.ts";

const DEFAULTS: Required<NativeOptions> = {
  schema: 3,
  maxBuckets: 256,
  zeroThreshold: 2 ** -128,
  maxZeroThreshold: 0,
  resetAfter: Infinity,
};

/** Tells whole numbers within bounds. */
const whole = (least: number, most: number) => (value: unknown): boolean =>
  Number.isInteger(value) && value as number >= least &&
  value as number <= most;

/** Tells numbers above `least`, or from it on, below `Infinity`. */
const isThreshold = (value: unknown): boolean =>
  typeof value === "number" && value >= 0 && value < Infinity;

const KINDS: Kinds<NativeOptions> = {
  schema: [
    /* @__PURE__ */ whole(-4, 8),
    "a whole number from -4 (coarse) to 8 (fine)",
  ],
  maxBuckets: [
    /* @__PURE__ */ whole(1, Infinity),
    "a whole number from 1 on, such as 256",
  ],
  zeroThreshold: [isThreshold, "a number from 0 on"],
  maxZeroThreshold: [isThreshold, "a number from 0 on"],
  resetAfter: [
    (value) => typeof value === "number" && value > 0,
    "seconds above 0, such as 3600",
  ],
};

/** What a declaration may ask for. */
export const NATIVE = [
  (value: unknown): boolean =>
    typeof value === "boolean" || (typeof value === "object" && value !== null),
  "true, false or options such as { schema: 3 }",
] as const;

/** What was asked for, in whole, as a second declaration must repeat it. */
export interface CheckedNative {
  readonly terms: string;
  /** The native buckets of a new table. */
  rows(): NativeRows;
}

/**
 * The native buckets of a declaration; undefined if it asks for none.
 *
 * @throws {TypeError | RangeError} If they are none.
 */
export function checkedNative(
  name: string,
  given: boolean | NativeOptions,
): CheckedNative | undefined {
  if (given === false) return undefined;
  const options = given === true ? {} : given;
  checkOptions(`Cannot declare native histogram "${name}"`, options, KINDS);
  const known = Object.entries(options).filter(([, value]) =>
    value !== undefined
  );
  const settings = { ...DEFAULTS, ...Object.fromEntries(known) };
  return {
    terms: JSON.stringify(settings),
    rows: () =>
      new NativeRows({
        resetAfter: settings.resetAfter,
        row: (since) => ({
          store: new BucketStore(settings),
          exemplars: new ExemplarSpread(),
          since,
        }),
      }),
  };
}
