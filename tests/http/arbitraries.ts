/** Arbitrary headers, most of them malformed. */
import * as fc from "../support/property.ts";
import { OPEN } from "./fixtures.ts";

const anyToken = fc.constantFrom(
  "gzip",
  "x-gzip",
  "GZIP",
  "identity",
  "*",
  OPEN,
  "text/plain",
  "*/*",
  "text/*",
  "version=1.0.0",
  "version=0.0.4",
  ";q=",
  ";Q=0",
  ";q=0.000",
  ";q=1",
  "0.5",
  "NaN",
  "-1",
  ",",
  ";",
  '"',
  "\\",
  " ",
  "\t",
);

/** Any byte that Fetch accepts in a header: no control characters but tab. */
const anyByte = fc.integer({ min: 1, max: 255 })
  .filter((code) => code === 9 || (code >= 32 && code !== 127))
  .map((code) => String.fromCharCode(code));

/** Tokens of real headers in any order, random bytes, or up to 1200 entries. */
export const headerSoup: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.array(anyToken, { maxLength: 12 }).map(joined) },
  { weight: 4, arbitrary: fc.string({ unit: anyByte, maxLength: 64 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(anyToken, fc.integer({ min: 1, max: 1200 }))
      .map(([text, times]) => `${text},`.repeat(times)),
  },
);

function joined(tokens: readonly string[]): string {
  return tokens.join("");
}
