import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { combineCrc32 } from "../../src/base/internal.ts";

/** Returns the CRC after `size` zeros are appended, by combining halves. */
function zerosAfter(crc: number, size: number): number {
  let combined = crc;
  let zeros = crc32(new Uint8Array(1)); // CRC of `count` zeros
  let count = 1;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) combined = combineCrc32(combined, zeros, count);
    zeros = combineCrc32(zeros, zeros, count);
    count *= 2;
  }
  return combined;
}

test("combineCrc32() returns the check value of CRC-32 for any split", () => {
  for (let at = 0; at <= 9; at++) {
    const [first, second] = ["123456789".slice(0, at), "123456789".slice(at)];
    const combined = combineCrc32(crc32(first), crc32(second), second.length);
    assert.equal(combined, 0xcbf43926, `${first}|${second}`);
  }
});

test("combineCrc32() with an empty part returns the CRC of the other", () => {
  for (const crc of [0, 1, 0x80000000, 0xcbf43926, 0xffffffff]) {
    assert.equal(combineCrc32(crc, 0, 0), crc);
    assert.equal(combineCrc32(0, crc, 70_000), crc);
  }
});

test("combineCrc32() returns a whole number from 0 to 2^32 - 1", () => {
  for (let i = 0; i < 1000; i++) {
    const crc = combineCrc32(crc32(`a${i}`), crc32(`b${i}`), 2);
    assert.ok(Number.isInteger(crc) && crc >= 0 && crc < 2 ** 32, `${crc}`);
  }
});

test("combineCrc32() is exact for many megabytes", () => {
  const half = Uint8Array.from({ length: 2 ** 20 }, (_, i) => i * 31 & 255);
  let whole = crc32(half);
  let combined = whole;
  for (let i = 0; i < 40; i++) {
    combined = combineCrc32(combined, crc32(half), half.length);
    whole = crc32(half, whole);
    assert.equal(combined, whole, `${i + 2} MiB`);
  }
});

test("combineCrc32() accepts sizes beyond 2^32", () => {
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
  const first = crc32("the first part");
  for (const size of sizes) {
    const zeros = zerosAfter(0, size);
    assert.equal(combineCrc32(first, zeros, size), zerosAfter(first, size));
  }
});

test("combineCrc32() is exact after its powers repeat", () => {
  // x has order 2^32 - 1: appending that many bytes changes nothing.
  const shift = (size: number) => combineCrc32(0x12345678, 0, size);
  assert.equal(shift(2 ** 32 - 1), 0x12345678);
  assert.equal(shift(2 ** 32), shift(1));
  assert.equal(shift(2 ** 33 + 5), shift(7));
});
