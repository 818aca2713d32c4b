/**
 * Decides how many rounds each law runs, and notes what a run skips.
 *
 * The everyday run does a twentieth of the rounds of large laws.
 * `BAROGRAPH_ROUNDS=1` runs all of them (`deno task test:long`),
 * `BAROGRAPH_ROUNDS=30` thirty times as many:
 *
 *     BAROGRAPH_ROUNDS=30 deno test --config tests/deno.json -A tests/bus
 *
 * Each omission is appended as a line of JSON to the file named by
 * `BAROGRAPH_TEST_NOTES`, if it is set; `tools/test.ts` reports them.
 */
import { appendFileSync } from "node:fs";
import { env } from "node:process";

/** The share of the rounds that the everyday run does. */
const EVERYDAY = 0.05;

/** Laws with at most this many rounds run in full. */
const SMALLEST = 50;

const SHARE = Number(env["BAROGRAPH_ROUNDS"] || EVERYDAY);
if (!(SHARE > 0)) {
  throw new RangeError(
    `Cannot read BAROGRAPH_ROUNDS="${env["BAROGRAPH_ROUNDS"]}": ` +
      `give a number above 0, such as 1`,
  );
}

/** One omission: skipped rounds of a law, or the reason of a skipped test. */
export type Note =
  | { readonly did: number; readonly of: number }
  | { readonly skipped: string };

function note(omission: Note): void {
  const file = env["BAROGRAPH_TEST_NOTES"];
  if (file) appendFileSync(file, `${JSON.stringify(omission)}\n`);
}

/**
 * Returns how many of `written` rounds this run does. The everyday run does at
 * least `smallest` rounds, or all of them if there are fewer.
 */
export function rounds(written: number, smallest = SMALLEST): number {
  const part = Math.round(written * SHARE);
  if (SHARE >= 1) return part;
  const did = Math.max(part, Math.min(written, smallest));
  if (did < written) note({ did, of: written });
  return did;
}

/** Returns the option that skips a test for `reason` unless `isPossible`. */
export function skippedUnless(
  isPossible: boolean,
  reason: string,
): { skip: string | false } {
  if (isPossible) return { skip: false };
  note({ skipped: reason });
  return { skip: reason };
}
