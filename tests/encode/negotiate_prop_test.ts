import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Format,
  negotiate,
  openMetrics,
  prometheusText,
} from "../../src/encode/mod.ts";

const FORMATS = [prometheusText, openMetrics] as const;

/** One entry of a header, before anybody has written it down. */
interface Entry {
  readonly range: string;
  readonly version: string | undefined;
  /** In thousandths; undefined for none. */
  readonly weight: number | undefined;
  readonly shout: boolean;
  readonly quote: boolean;
  readonly space: string;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  range: fc.constantFrom(
    "application/openmetrics-text",
    "application/*",
    "text/plain",
    "text/*",
    "*/*",
    "image/png",
  ),
  version: fc.constantFrom(undefined, "1.0.0", "0.0.4", "9.9.9"),
  weight: fc.option(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1000 })),
    { nil: undefined },
  ),
  shout: fc.boolean(),
  quote: fc.boolean(),
  space: fc.constantFrom("", " ", "\t", "  "),
});

function written(one: Entry): string {
  const { range, version, weight, shout, quote, space } = one;
  const parts = [shout ? range.toUpperCase() : range];
  const mark = quote ? '"' : "";
  if (version !== undefined) {
    parts.push(`${shout ? "Version" : "version"}=${mark}${version}${mark}`);
  }
  if (quote) parts.push('note="a,b;c"');
  if (weight !== undefined) parts.push(`${shout ? "Q" : "q"}=${weight / 1000}`);
  return space + parts.join(`${space};${space}`) + space;
}

function weightOf({ weight }: Entry): number {
  return weight ?? 1000;
}

function asksFor({ range, version }: Entry, format: Format): boolean {
  const [type, subtype] = range.split("/");
  const [ownType, ownSubtype] = format.mediaType.split("/");
  return (type === "*" || type === ownType) &&
    (subtype === "*" || subtype === ownSubtype) &&
    (version === undefined || version === format.version);
}

/** How closely an entry says what it means: more is closer. */
function closeness({ range, version }: Entry): number {
  const stars = range.split("*").length - 1;
  return stars > 0 ? -stars : version === undefined ? 1 : 2;
}

/**
 * The rule, spelt out from the entries: heaviest first, of equals the first;
 * what is refused at least as closely as it is asked for is not given.
 */
function reference(entries: readonly Entry[]): string {
  for (let weight = 1000; weight > 0; weight--) {
    for (const wish of entries) {
      if (weightOf(wish) !== weight) continue;
      for (const format of FORMATS) {
        const refused = entries.some((no) =>
          weightOf(no) === 0 && asksFor(no, format) &&
          closeness(no) >= closeness(wish)
        );
        if (asksFor(wish, format) && !refused) return format.id;
      }
    }
  }
  return prometheusText.id;
}

test("law: the choice is that of the rule, spelt out", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), (entries) => {
      const { id } = negotiate(entries.map(written).join(","), FORMATS);
      assert.equal(id, reference(entries));
      seen.add(id);
    }),
    { numRuns: 500 },
  );
  assert.equal(seen.size, 2, "both formats were chosen at times");
});

test("law: any header whatever gets one of the formats", () => {
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
      assert.ok(FORMATS.includes(negotiate(accept, FORMATS)));
    }),
    { numRuns: 5000 },
  );
});
