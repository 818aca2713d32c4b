/** The texts of label values. */

/** The texts of small whole numbers, such as status codes: converted once. */
const SMALL = /* @__PURE__ */ Array.from({ length: 1000 }, (_, i) => String(i));

/** Returns the text that is recorded for a label value; `""` if it has none. */
export function labelText(value: unknown): string {
  return typeof value === "string" ? value : textOf(value) ?? "";
}

/** Returns the text of a value that is no string; undefined if it has none. */
export function textOf(value: unknown): string | undefined {
  if (
    typeof value === "number" && value >= 0 && value < 1000 &&
    (value | 0) === value
  ) return SMALL[value]!;
  if (value === undefined || value === null || typeof value === "function") {
    return undefined;
  }
  try {
    return String(value);
  } catch {
    return ""; // an object that refuses conversion
  }
}
