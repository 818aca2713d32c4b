/** The block format of Snappy, read by an independent decoder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { uncompress } from "snappyjs";
import { snappy } from "../../../src/push/remote/snappy.ts";
import * as fc from "../../support/property.ts";

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Asserts that a decoder restores `plain`, and that the output is bounded. */
function isRestored(plain: Uint8Array): Uint8Array {
  const packed = snappy(plain);
  assert.ok(
    packed.length <= 32 + plain.length + plain.length / 6,
    `${packed.length} bytes for ${plain.length}`,
  );
  const restored: Uint8Array = uncompress(packed);
  assert.equal(restored.length, plain.length);
  // Compared by chunks of text: deepEqual of large arrays takes seconds.
  assert.ok(restored.every((byte, at) => byte === plain[at]));
  return packed;
}

/** Returns noise that is the same in every run. */
function noise(length: number): Uint8Array {
  let state = 42;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return state >>> 24;
  });
}

for (
  const [name, plain, packed] of [
    ["nothing", "", "00"],
    ["a byte", "a", "01 00 61"],
    ["a short copy", "xababab", "07 08 78 61 62 01 02"],
    ["64 times a byte", "a".repeat(64), "40 00 61 fa 01 00"],
    [
      "200 times a byte",
      "a".repeat(200),
      "c8 01 00 61 fe 01 00 fe 01 00 fe 01 00 0d 01",
    ],
    [
      "a repeated word",
      "0123456789".repeat(12),
      "78 24 30 31 32 33 34 35 36 37 38 39 fe 0a 00 b6 0a 00",
    ],
  ] as const
) {
  test(`snappy() compresses ${name} to the known bytes`, () => {
    assert.equal(hex(snappy(utf8(plain))), packed);
  });
}

test("law: a decoder restores what snappy() compresses", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.nat(300)).map(
      ([word, times]) =>
        Uint8Array.from(
          { length: word.length * times },
          (_, at) => word[at % word.length]!,
        ),
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      isRestored(Uint8Array.from(pieces.flatMap((bytes) => [...bytes])));
    }),
    { numRuns: 2000 },
  );
});

test("snappy() keeps its bound for 300 KiB of noise", () => {
  const plain = noise(300 * 1024);
  // Noise is not compressed, and costs three bytes a block.
  assert.ok(isRestored(plain).length < plain.length + 100);
});

test("snappy() compresses 300 KiB of repetition twentyfold", () => {
  for (const period of [1, 3, 61, 2047, 2048, 30_000]) {
    const word = noise(period);
    const plain = Uint8Array.from(
      { length: 300 * 1024 },
      (_, at) => word[at % period]!,
    );
    const { length } = isRestored(plain);
    // Each block of 64 KiB holds the period once as a literal.
    assert.ok(length < plain.length / 20 + 5 * period + 100, `${length}`);
  }
});

test("snappy() finds copies in noise that is followed by repetition", () => {
  const plain = new Uint8Array(40_000);
  plain.set(noise(20_000), 0);
  plain.set(noise(20_000), 20_000);
  assert.ok(isRestored(plain).length < 22_000);
});

test("snappy() writes literals of every form of length", () => {
  for (const length of [1, 59, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537]) {
    isRestored(noise(length));
  }
});
