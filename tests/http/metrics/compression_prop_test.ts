import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import {
  chooseCoding,
  type Coding,
} from "../../../src/http/metrics/compression.ts";
import { headerSoup } from "../arbitraries.ts";

/** One entry of a header, before it is formatted. */
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
  isUpperCase: fc.boolean(),
  /** In thousandths; undefined for none. */
  weight: fc.option(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1000 })),
    { nil: undefined },
  ),
  space: fc.constantFrom("", " ", "\t", "  "),
});

type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never;

function formatted({ coding, isUpperCase, weight, space }: Entry): string {
  const name = isUpperCase ? coding.toUpperCase() : coding;
  const q = isUpperCase ? "Q" : "q";
  const parameter = weight === undefined
    ? ""
    : `;${space}${q}=${weight / 1000}`;
  return `${space}${name}${space}${parameter}${space}`;
}

const AVAILABLE: readonly Coding[] = ["zstd", "gzip", "deflate"];

/** The smallest weight of a coding, in thousandths; undefined if it is absent. */
function minWeightOf(
  entries: readonly Entry[],
  coding: string,
): number | undefined {
  const named = entries.filter((one) =>
    one.coding.replace("x-", "") === coding
  );
  if (named.length === 0) return undefined;
  return Math.min(...named.map(({ weight }) => weight ?? 1000));
}

test("law: chooseCoding() reads the weights that were formatted", () => {
  const seen = new Set<string | undefined>();
  fc.assertAll(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const weights = AVAILABLE.map((coding) =>
        minWeightOf(entries, coding) ??
          (coding === "gzip" ? minWeightOf(entries, "*") : undefined) ?? 0
      );
      const max = Math.max(...weights);
      const isWorthIt = max > 0 &&
        max >= (minWeightOf(entries, "identity") ?? 0);
      const expected = isWorthIt ? AVAILABLE[weights.indexOf(max)] : undefined;
      const chosen = chooseCoding(entries.map(formatted).join(","), AVAILABLE);
      assert.equal(chosen, expected);
      seen.add(chosen);
    }),
    { numRuns: 1000 },
  );
  assert.equal(seen.size, 4, "every coding, and none");
});

/**
 * An independent check of the rule that matters, by pattern matching: gzip or
 * `*` must be listed somewhere, and nowhere with a weight of zero.
 */
function mayBeSent(header: string): boolean {
  const text = `,${header.toLowerCase().replace(/[ \t]/g, "")},`;
  const isListed = /,(x-gzip|gzip|\*)[;,]/.test(text);
  const isRefused = /,(x-gzip|gzip)(;[^,]*)?;q=0(\.0*)?[;,]/.test(text);
  return isListed && !isRefused;
}

test("law: chooseCoding() chooses gzip only if the header allows it", () => {
  let sent = 0;
  fc.assertAll(
    fc.property(headerSoup, (header) => {
      const accepted = chooseCoding(header, ["gzip"]) === "gzip";
      if (accepted) sent++;
      assert.ok(!accepted || mayBeSent(header));
    }),
    { numRuns: 10_000 },
  );
  // About one header in forty is accepted.
  assert.ok(sent > 100, `only ${sent} headers were accepted`);
});
