/**
 * Configures fast-check. All property tests import this module instead of the
 * package, so that one configuration holds for every law.
 *
 * - `defaultSizeToMaxWhenMaxSpecified`: an array of `maxLength: 1000` has up to
 *   1000 elements. By default fast-check stops at 10, and the code for long
 *   arrays is never reached.
 * - `assert()` runs fewer rounds in the everyday run; see `rounds.ts`.
 * - `BAROGRAPH_SEED=1234` draws the same values again. Without it each run draws
 *   others; a failed law prints its seed.
 */
import {
  type Arbitrary,
  assert as assertAll,
  configureGlobal,
  type IAsyncProperty,
  type IProperty,
  type IRawProperty,
  nat,
  type Parameters,
  string as anyString,
  type StringConstraints,
} from "fast-check";
import { env } from "node:process";
import { rounds } from "./rounds.ts";

const SEED = env["BAROGRAPH_SEED"];
const seed = Number(SEED);
if (SEED && !Number.isInteger(seed)) {
  throw new RangeError(
    `Cannot read BAROGRAPH_SEED="${SEED}": give a whole number, such as 1234`,
  );
}

configureGlobal({
  defaultSizeToMaxWhenMaxSpecified: true,
  ...(SEED ? { seed } : {}),
});

export * from "fast-check";

/** Checks a law like `assert()` of fast-check, with `rounds(numRuns)` rounds. */
export function assert<T>(
  property: IAsyncProperty<T>,
  parameters?: Parameters<T>,
): Promise<void>;
export function assert<T>(
  property: IProperty<T>,
  parameters?: Parameters<T>,
): void;
export function assert<T>(
  property: IRawProperty<T>,
  parameters: Parameters<T> = {},
): Promise<void> | void {
  const { numRuns = 100 } = parameters;
  return assertAll(property, { ...parameters, numRuns: rounds(numRuns) });
}

/**
 * `assert()` of fast-check: does all rounds in every run. For laws that also
 * check which cases the rounds have reached.
 */
export { assertAll };

/** Code points that are not surrogates. */
const CODE_POINTS = 0x110000 - 0x800;

const anyCodePoint: Arbitrary<string> = nat({ max: CODE_POINTS - 1 }).map(
  (index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800),
  (text) => {
    const point = typeof text === "string" ? text.codePointAt(0) : undefined;
    if (point === undefined || text !== String.fromCodePoint(point)) {
      throw new RangeError(`Cannot shrink ${text}: it is not a code point`);
    }
    if (point >= 0xd800 && point < 0xe000) {
      throw new RangeError("Cannot shrink a surrogate: it is never generated");
    }
    return point < 0xd800 ? point : point - 0x800;
  },
);

/**
 * Returns the strings of fast-check. For `unit: "binary"` fast-check makes a map
 * of all code points, which costs a second in each test file on Deno; this unit
 * has the same values, computed.
 */
export function string(constraints: StringConstraints = {}): Arbitrary<string> {
  return constraints.unit === "binary"
    ? anyString({ ...constraints, unit: anyCodePoint })
    : anyString(constraints);
}
