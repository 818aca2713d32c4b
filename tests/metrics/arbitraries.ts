/** Label values that break joined keys, objects used as maps, or UTF-8. */
import * as fc from "../support/property.ts";

/** Texts that naive code confuses, joins wrongly or finds in a prototype. */
export const AWKWARD_TEXTS: readonly string[] = [
  "",
  "a",
  "b",
  "aa",
  "|",
  "a|b",
  ",",
  '"',
  '","',
  "\\",
  "\n",
  "\0",
  "\u0001",
  "\ufeff",
  "\u2028",
  "ü",
  "u\u0308",
  "🔥",
  "\ufffd",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "undefined",
  "null",
  "true",
  "1",
  "0",
  "-0",
  "NaN",
  "overflow",
];

/** A well-formed label value, as text. */
export function anyLabelText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...AWKWARD_TEXTS),
    fc.constantFrom("a", "b", "c"),
    fc.string({ unit: "grapheme", maxLength: 3 }),
  );
}

/** Anything that a caller can pass as a label value, legal or not. */
export function anyLabelValue(): fc.Arbitrary<unknown> {
  return fc.oneof(
    anyLabelText(),
    fc.string({ unit: "binary", maxLength: 2 }),
    fc.constantFrom<unknown>("\ud800", "\udc00", "a\ud800", "\ud800b"),
    fc.integer({ min: -5, max: 1005 }),
    fc.double(),
    fc.boolean(),
    fc.constantFrom<unknown>(null, undefined, -0, NaN, 999, 1000, 10n),
  );
}

/** Returns the text that is recorded for a label value. */
export function naiveText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return String(value).toWellFormed();
}
