import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { combineCrc32 } from "../../src/base/internal.ts";

/** The CRC of `size` zeros after what has `crc`, by joining halves. */
function zerosAfter(crc: number, size: number): number {
  let joined = crc;
  let zeros = crc32(new Uint8Array(1)); // of 2^i of them
  let count = 1;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) joined = combineCrc32(joined, zeros, count);
    zeros = combineCrc32(zeros, zeros, count);
    count *= 2;
  }
  return joined;
}

test("combineCrc32() of the check value of CRC-32 in two parts", () => {
  for (let at = 0; at <= 9; at++) {
    const [first, second] = ["123456789".slice(0, at), "123456789".slice(at)];
    const joined = combineCrc32(crc32(first), crc32(second), second.length);
    assert.equal(joined, 0xcbf43926, `${first}|${second}`);
  }
});

test("combineCrc32() with nothing on either side is the other side", () => {
  for (const crc of [0, 1, 0x80000000, 0xcbf43926, 0xffffffff]) {
    assert.equal(combineCrc32(crc, 0, 0), crc);
    assert.equal(combineCrc32(0, crc, 70_000), crc);
  }
});

test("combineCrc32() is a whole number from 0 to 2^32 - 1", () => {
  for (let i = 0; i < 1000; i++) {
    const crc = combineCrc32(crc32(`a${i}`), crc32(`b${i}`), 2);
    assert.ok(Number.isInteger(crc) && crc >= 0 && crc < 2 ** 32, `${crc}`);
  }
});

test("combineCrc32() of many megabytes is that of the whole", () => {
  const half = Uint8Array.from({ length: 2 ** 20 }, (_, i) => i * 31 & 255);
  let whole = crc32(half);
  let joined = whole;
  for (let i = 0; i < 40; i++) {
    joined = combineCrc32(joined, crc32(half), half.length);
    whole = crc32(half, whole);
    assert.equal(joined, whole, `${i + 2} MiB`);
  }
});

test("combineCrc32() takes sizes beyond 2^32 in one step as in many", () => {
  const sizes = [
    2 ** 29 - 1, // still less than 2^32 bits
    2 ** 29,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    3 * 2 ** 33 + 12_345,
    2 ** 40 + 77,
    Number.MAX_SAFE_INTEGER,
  ];
  const first = crc32("what stands before");
  for (const size of sizes) {
    const zeros = zerosAfter(0, size);
    assert.equal(combineCrc32(first, zeros, size), zerosAfter(first, size));
  }
});

test("combineCrc32() counts on after its powers begin anew", () => {
  // x has the order 2^32 - 1: so many bytes of zeros lead back to the start.
  const shift = (size: number) => combineCrc32(0x12345678, 0, size); // of the first part alone
  assert.equal(shift(2 ** 32 - 1), 0x12345678);
  assert.equal(shift(2 ** 32), shift(1));
  assert.equal(shift(2 ** 33 + 5), shift(7));
});
