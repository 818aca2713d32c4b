import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { allFormats, type Format, negotiate } from "../../src/encode/mod.ts";

const FORMATS = allFormats();
const PROTO = "application/vnd.google.protobuf";

/** One entry of a header, from which `written` makes its text. */
interface Entry {
  readonly range: string;
  readonly version: string | undefined;
  readonly escaping: string | undefined;
  /** Whether it names the protobuf message and its encoding. */
  readonly message: boolean;
  /** The weight in thousandths; undefined: none. */
  readonly weight: number | undefined;
  /** Whether names are in upper case. */
  readonly isUpper: boolean;
  /** Whether values are in quotes. */
  readonly isQuoted: boolean;
  readonly space: string;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  range: fc.constantFrom(
    "application/openmetrics-text",
    "application/*",
    PROTO,
    "text/plain",
    "text/*",
    "*/*",
    "image/png",
  ),
  version: fc.constantFrom(
    undefined,
    "1.0.0",
    "0.0.4",
    "0.0.1",
    "2.0.0",
    "9.9.9",
  ),
  escaping: fc.constantFrom(undefined, "dots", "values", "allow-utf-8", "x"),
  message: fc.boolean(),
  weight: fc.option(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1000 })),
    { nil: undefined },
  ),
  isUpper: fc.boolean(),
  isQuoted: fc.boolean(),
  space: fc.constantFrom("", " ", "\t", "  "),
});

function written(entry: Entry): string {
  const { range, version, escaping, message } = entry;
  const { weight, isUpper, isQuoted, space } = entry;
  const parts = [isUpper ? range.toUpperCase() : range];
  const mark = isQuoted ? '"' : "";
  if (version !== undefined) {
    parts.push(`${isUpper ? "Version" : "version"}=${mark}${version}${mark}`);
  }
  if (isQuoted) parts.push('note="a,b;c"');
  if (message) {
    parts.push(`proto=${mark}io.prometheus.client.MetricFamily${mark}`);
    parts.push(`${isUpper ? "ENCODING" : "encoding"}=delimited`);
  }
  if (escaping !== undefined) parts.push(`escaping=${escaping}`);
  if (weight !== undefined) {
    parts.push(`${isUpper ? "Q" : "q"}=${weight / 1000}`);
  }
  return space + parts.join(`${space};${space}`) + space;
}

function weightOf({ weight }: Entry): number {
  return weight ?? 1000;
}

function covers(entry: Entry, format: Format): boolean {
  const { range, version, message } = entry;
  if (format.id === "protobuf") {
    return range === PROTO && message && version === undefined;
  }
  const [type, subtype] = range.split("/");
  const [ownType, ownSubtype] = format.mediaType.split("/");
  if (format.id === "openmetrics-2.0.0") {
    return range === format.mediaType && version === "2.0.0";
  }
  return (type === "*" || type === ownType) &&
    (subtype === "*" || subtype === ownSubtype) &&
    (version === undefined || version === format.version);
}

/** Returns how specific an entry is; a greater number is more specific. */
function specificity({ range, version }: Entry): number {
  const stars = range.split("*").length - 1;
  return stars > 0 ? -stars : version === undefined ? 1 : 2;
}

/**
 * Returns the format and scheme to select: by the heaviest entry, of equal ones
 * the first; never a format that is refused by an equally specific entry.
 */
function reference(entries: readonly Entry[]): readonly [string, string] {
  for (let weight = 1000; weight > 0; weight--) {
    for (const entry of entries) {
      if (weightOf(entry) !== weight) continue;
      for (const format of FORMATS) {
        const isRefused = entries.some((refusal) =>
          weightOf(refusal) === 0 && covers(refusal, format) &&
          specificity(refusal) >= specificity(entry)
        );
        if (!covers(entry, format) || isRefused) continue;
        const { escaping = "x" } = entry;
        return [format.id, escaping === "x" ? "underscores" : escaping];
      }
    }
  }
  return ["text-0.0.4", "underscores"];
}

test("law: negotiate() selects the format and scheme of the reference", () => {
  const seen = new Set<string>();
  fc.assertAll(
    fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      const { id, escaping } = negotiate(
        entries.map(written).join(","),
        FORMATS,
      );
      assert.deepEqual([id, escaping], reference(entries));
      seen.add(id);
    }),
    { numRuns: 3000 },
  );
  assert.equal(seen.size, FORMATS.length, "each format was selected");
});

test("law: negotiate() returns a format for any header", () => {
  const token = fc.constantFrom(
    "application/openmetrics-text",
    "text/plain",
    "*/*",
    ";q=",
    "0.5",
    "0",
    "NaN",
    ",",
    ";",
    '"',
    "\\",
    "version=1.0.0",
    " ",
    "\u0000",
    "é",
  );
  const soup = fc.array(token, { maxLength: 30 }).map((list) => list.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), soup), (accept) => {
      const { id } = negotiate(accept, FORMATS);
      assert.ok(FORMATS.some((format) => format.id === id));
    }),
    { numRuns: 5000 },
  );
});
