import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import * as fc from "../support/property.ts";
import { combineCrc32 } from "../../src/base/internal.ts";

/** Small sizes, sizes next to powers of two, and any others. */
const anySize = fc.oneof(
  fc.nat({ max: 40 }),
  fc.nat({ max: 16 }).chain((power) =>
    fc.constantFrom(2 ** power - 1, 2 ** power, 2 ** power + 1)
  ),
  fc.nat({ max: 70_000 }),
);

/** Bytes derived from a seed: shrinking 70 000 single bytes takes too long. */
const anyBytes = fc.tuple(anySize, fc.nat()).map(([size, seed]) => {
  const bytes = new Uint8Array(size);
  let state = seed | 1;
  for (let i = 0; i < size; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
});

const anyCrc = fc.nat({ max: 2 ** 32 - 1 });
const anyLength = fc.oneof(anySize, fc.maxSafeNat());

test("law: combineCrc32(crc(a), crc(b), b.length) = crc(a + b)", () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (a, b) => {
      const whole = crc32(b, crc32(a));
      assert.equal(combineCrc32(crc32(a), crc32(b), b.length), whole);
    }),
    { numRuns: 1000 },
  );
});

test("law: combineCrc32() does not depend on where bytes are split", () => {
  fc.assert(
    fc.property(
      anyBytes,
      fc.array(fc.nat({ max: 70_000 }), { maxLength: 20 }),
      (bytes, cuts) => {
        const ends = cuts.map((cut) => Math.min(cut, bytes.length));
        ends.push(bytes.length);
        let [crc, from] = [0, 0];
        for (const to of ends.sort((a, b) => a - b)) {
          const part = bytes.subarray(from, to);
          crc = combineCrc32(crc, crc32(part), part.length);
          from = to;
        }
        assert.equal(crc, crc32(bytes));
      },
    ),
    { numRuns: 500 },
  );
});

test("law: combineCrc32() is associative", () => {
  const anyPart = fc.tuple(anyCrc, fc.nat({ max: 2 ** 51 }));
  fc.assert(
    fc.property(anyCrc, anyPart, anyPart, (a, [b, nb], [c, nc]) => {
      const left = combineCrc32(combineCrc32(a, b, nb), c, nc);
      const right = combineCrc32(a, combineCrc32(b, c, nc), nb + nc);
      assert.equal(left, right);
    }),
    { numRuns: 2000 },
  );
});

test("law: combineCrc32() with no bytes returns the other CRC", () => {
  fc.assert(
    fc.property(anyCrc, anyLength, (crc, size) => {
      assert.equal(combineCrc32(crc, 0, 0), crc);
      assert.equal(combineCrc32(0, crc, size), crc);
    }),
    { numRuns: 1000 },
  );
});
