import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import {
  chooseCoding,
  type Coding,
} from "../../../src/http/metrics/compression.ts";
import { headerSoup } from "../arbitraries.ts";

/** One entry of a header, before anybody has written it down. */
const entry = fc.record({
  coding: fc.constantFrom(
    "gzip",
    "x-gzip",
    "*",
    "br",
    "identity",
    "zstd",
    "deflate",
  ),
  shout: fc.boolean(),
  /** In thousandths; undefined for none. */
  weight: fc.option(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1000 })),
    { nil: undefined },
  ),
  space: fc.constantFrom("", " ", "\t", "  "),
});

type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

function written({ coding, shout, weight, space }: Entry): string {
  const name = shout ? coding.toUpperCase() : coding;
  const q = shout ? "Q" : "q";
  const parameter = weight === undefined
    ? ""
    : `;${space}${q}=${weight / 1000}`;
  return `${space}${name}${space}${parameter}${space}`;
}

const HERE: readonly Coding[] = ["zstd", "gzip", "deflate"];

/** The least weight of a coding, in thousandths; undefined if it is absent. */
function leastOf(
  entries: readonly Entry[],
  coding: string,
): number | undefined {
  const named = entries.filter((one) =>
    one.coding.replace("x-", "") === coding
  );
  if (named.length === 0) return undefined;
  return Math.min(...named.map(({ weight }) => weight ?? 1000));
}

test("law: what is written is what is read", () => {
  const seen = new Set<string | undefined>();
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const weights = HERE.map((coding) =>
        leastOf(entries, coding) ??
          (coding === "gzip" ? leastOf(entries, "*") : undefined) ?? 0
      );
      const most = Math.max(...weights);
      const worth = most > 0 && most >= (leastOf(entries, "identity") ?? 0);
      const expected = worth ? HERE[weights.indexOf(most)] : undefined;
      const chosen = chooseCoding(entries.map(written).join(","), HERE);
      assert.equal(chosen, expected);
      seen.add(chosen);
    }),
    { numRuns: 1000 },
  );
  assert.equal(seen.size, 4, "each of them, and none");
});

/**
 * Another reading of the rule that matters, by searching the text: gzip or `*`
 * must stand somewhere as a word, and nowhere as a word with the weight zero.
 */
function mayBeSent(header: string): boolean {
  const text = `,${header.toLowerCase().replace(/[ \t]/g, "")},`;
  const asked = /,(x-gzip|gzip|\*)[;,]/.test(text);
  const refused = /,(x-gzip|gzip)(;[^,]*)?;q=0(\.0*)?[;,]/.test(text);
  return asked && !refused;
}

test("law: whatever the header, gzip is sent only to who may be sent it", () => {
  let sent = 0;
  fc.assert(
    fc.property(headerSoup, (header) => {
      const accepted = chooseCoding(header, ["gzip"]) === "gzip";
      if (accepted) sent++;
      assert.ok(!accepted || mayBeSent(header));
    }),
    { numRuns: 5000 },
  );
  assert.ok(sent > 100, `only ${sent} headers of 5000 were accepted`);
});
