/**
 * Names in UTF-8, for readers that know the classic ones only.
 *
 * - A reader names one of four schemes when it asks; without one it gets
 *   `underscores`.
 * - Classic names are the same in every scheme, as Prometheus' own code has it.
 * - `dots` and `values` can be undone by the reader, `underscores` cannot.
 */
import { isClassicLabel, isClassicMetric } from "./names.ts";

/** How names that are not classic are written. */
export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** All schemes. */
export const ESCAPING_SCHEMES: readonly EscapingScheme[] = [
  "allow-utf-8",
  "underscores",
  "dots",
  "values",
];

/** The name of a metric in a scheme; cost: linear in it. */
export function escapedMetric(name: string, scheme: EscapingScheme): string {
  if (scheme === "allow-utf-8" || isClassicMetric(name)) return name;
  return escaped(name, scheme, /[a-zA-Z0-9_:]/);
}

/** The name of a label in a scheme; cost: linear in it. */
export function escapedLabel(name: string, scheme: EscapingScheme): string {
  if (scheme === "allow-utf-8" || isClassicLabel(name)) return name;
  return escaped(name, scheme, /[a-zA-Z0-9_]/);
}

function escaped(
  name: string,
  scheme: Exclude<EscapingScheme, "allow-utf-8">,
  legal: RegExp,
): string {
  let text = scheme === "values" ? "U__" : "";
  let first = true;
  for (const character of name) {
    // A digit is legal anywhere but in front.
    const stays = legal.test(character) && !(first && /[0-9]/.test(character));
    first = false;
    if (scheme === "underscores") text += stays ? character : "_";
    else if (character === "_") text += "__";
    else if (stays) text += character;
    else if (scheme === "values") text += `_${hexOf(character)}_`;
    else text += character === "." ? "_dot_" : "__";
  }
  return text;
}

function hexOf(character: string): string {
  return character.codePointAt(0)!.toString(16);
}
