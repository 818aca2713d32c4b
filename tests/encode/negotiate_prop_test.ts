import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { allFormats, type Format, negotiate } from "../../src/encode/mod.ts";

const FORMATS = allFormats();
const PROTO = "application/vnd.google.protobuf";

/** One entry of a header, before it is written as text. */
interface Entry {
  readonly range: string;
  readonly version: string | undefined;
  readonly escaping: string | undefined;
  /** Whether it names the protobuf message and its encoding. */
  readonly message: boolean;
  /** The weight in thousandths; undefined: none. */
  readonly weight: number | undefined;
  readonly shout: boolean;
  readonly quote: boolean;
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
  shout: fc.boolean(),
  quote: fc.boolean(),
  space: fc.constantFrom("", " ", "\t", "  "),
});

function written(one: Entry): string {
  const { range, version, escaping, message } = one;
  const { weight, shout, quote, space } = one;
  const parts = [shout ? range.toUpperCase() : range];
  const mark = quote ? '"' : "";
  if (version !== undefined) {
    parts.push(`${shout ? "Version" : "version"}=${mark}${version}${mark}`);
  }
  if (quote) parts.push('note="a,b;c"');
  if (message) {
    parts.push(`proto=${mark}io.prometheus.client.MetricFamily${mark}`);
    parts.push(`${shout ? "ENCODING" : "encoding"}=delimited`);
  }
  if (escaping !== undefined) parts.push(`escaping=${escaping}`);
  if (weight !== undefined) parts.push(`${shout ? "Q" : "q"}=${weight / 1000}`);
  return space + parts.join(`${space};${space}`) + space;
}

function weightOf({ weight }: Entry): number {
  return weight ?? 1000;
}

function asksFor(entry: Entry, format: Format): boolean {
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

/** The exactness of an entry; more is more exact. */
function closeness({ range, version }: Entry): number {
  const stars = range.split("*").length - 1;
  return stars > 0 ? -stars : version === undefined ? 1 : 2;
}

/**
 * The rule, computed from the entries: the heaviest first, the first of equals;
 * a format that is refused at least as exactly as it is wanted is not selected.
 */
function reference(entries: readonly Entry[]): readonly [string, string] {
  for (let weight = 1000; weight > 0; weight--) {
    for (const wish of entries) {
      if (weightOf(wish) !== weight) continue;
      for (const format of FORMATS) {
        const refused = entries.some((no) =>
          weightOf(no) === 0 && asksFor(no, format) &&
          closeness(no) >= closeness(wish)
        );
        if (!asksFor(wish, format) || refused) continue;
        const { escaping = "x" } = wish;
        return [format.id, escaping === "x" ? "underscores" : escaping];
      }
    }
  }
  return ["text-0.0.4", "underscores"];
}

test("law: negotiate() follows the rule that is computed from the entries", () => {
  const seen = new Set<string>();
  fc.assert(
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
  assert.equal(seen.size, FORMATS.length, "each was chosen at times");
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
