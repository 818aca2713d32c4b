/**
 * Escapes UTF-8 names for readers that only accept classic names.
 *
 * - A reader requests one of four schemes; the default is `underscores`.
 * - Every scheme leaves classic names unchanged, as Prometheus does.
 * - Readers can reverse `dots` and `values`, but not `underscores`.
 */
import { isClassicLabel, isClassicMetric } from "./names.ts";

/** A scheme that escapes the names that are not classic. */
export type EscapingScheme = "allow-utf-8" | "underscores" | "dots" | "values";

/** All escaping schemes. */
export const ESCAPING_SCHEMES: readonly EscapingScheme[] = [
  "allow-utf-8",
  "underscores",
  "dots",
  "values",
];

/** Returns a metric name as `scheme` escapes it. Cost: linear in its length. */
export function escapedMetric(name: string, scheme: EscapingScheme): string {
  if (scheme === "allow-utf-8" || isClassicMetric(name)) return name;
  return escaped(name, scheme, /[a-zA-Z0-9_:]/);
}

/** Returns a label name as `scheme` escapes it. Cost: linear in its length. */
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
  let isFirst = true;
  for (const character of name) {
    // A digit is legal anywhere but at the start.
    const isLegal = legal.test(character) &&
      !(isFirst && /[0-9]/.test(character));
    isFirst = false;
    if (scheme === "underscores") text += isLegal ? character : "_";
    else if (character === "_") text += "__";
    else if (isLegal) text += character;
    else if (scheme === "values") text += `_${hexOf(character)}_`;
    else text += character === "." ? "_dot_" : "__";
  }
  return text;
}

function hexOf(character: string): string {
  return character.codePointAt(0)!.toString(16);
}
