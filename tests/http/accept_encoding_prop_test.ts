import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { acceptsGzip } from "../../src/http/accept_encoding.ts";
import { headerSoup } from "./arbitraries.ts";

/** One entry of a header, before anybody has written it down. */
const entry = fc.record({
  coding: fc.constantFrom("gzip", "x-gzip", "*", "br", "identity", "zstd"),
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

test("law: what is written is what is read", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const gzip = entries.filter(({ coding }) => /gzip$/.test(coding));
      const any = entries.filter(({ coding }) => coding === "*");
      const deciding = gzip.length > 0 ? gzip : any;
      const expected = deciding.length > 0 &&
        deciding.every(({ weight }) => weight !== 0);
      assert.equal(acceptsGzip(entries.map(written).join(",")), expected);
    }),
    { numRuns: 500 },
  );
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
      const accepted = acceptsGzip(header);
      if (accepted) sent++;
      assert.ok(!accepted || mayBeSent(header));
    }),
    { numRuns: 5000 },
  );
  assert.ok(sent > 100, `only ${sent} headers of 5000 were accepted`);
});
