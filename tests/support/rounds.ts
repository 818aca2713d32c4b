/**
 * How much of the tests a run does, and a record of what it leaves out.
 *
 * The everyday run does a tenth of the large laws. `BAROGRAPH_ROUNDS=1` does
 * them as written (`deno task test:long`), and `BAROGRAPH_ROUNDS=30` does thirty
 * times as many, to look for longer:
 *
 *     BAROGRAPH_ROUNDS=30 deno test --config tests/deno.json -A tests/bus
 *
 * Where `BAROGRAPH_TEST_NOTES` names a file, each omission is appended to it as
 * a line of JSON, from which `tools/test.ts` writes the end of its report.
 */
import { appendFileSync } from "node:fs";
import { env } from "node:process";

/** The share of the written rounds that the everyday run does. */
const EVERYDAY = 0.1;

/** fast-check's own default: laws of no more rounds are done whole. */
const SMALLEST = 100;

const SHARE = Number(env["BAROGRAPH_ROUNDS"] || EVERYDAY);
if (!(SHARE > 0)) {
  throw new RangeError(
    `Cannot read BAROGRAPH_ROUNDS="${env["BAROGRAPH_ROUNDS"]}": ` +
      `give a number above 0, such as 1`,
  );
}

/** One omission, as it stands in the file of notes. */
export type Note =
  | { readonly did: number; readonly of: number }
  | { readonly skipped: string };

function note(omission: Note): void {
  const file = env["BAROGRAPH_TEST_NOTES"];
  if (file) appendFileSync(file, `${JSON.stringify(omission)}\n`);
}

/**
 * Returns how many of `written` rounds this run does: at least `smallest`
 * where a part is done, and `written` where that is less.
 */
export function rounds(written: number, smallest = SMALLEST): number {
  const part = Math.round(written * SHARE);
  if (SHARE >= 1) return part;
  const did = Math.max(part, Math.min(written, smallest));
  if (did < written) note({ did, of: written });
  return did;
}

/** Returns the option that skips a test, and says why, unless `isPossible`. */
export function skippedUnless(
  isPossible: boolean,
  reason: string,
): { skip: string | false } {
  if (isPossible) return { skip: false };
  note({ skipped: reason });
  return { skip: reason };
}
