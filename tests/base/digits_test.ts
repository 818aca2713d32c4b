import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  hasDigits,
  isShortWhole,
  widthOf,
  writeDigits,
} from "../../src/base/internal.ts";

const LARGEST = 2 ** 31 - 1;

/** The smallest and largest numbers of each width, and of 31 bits. */
const EDGES = [0, 1, 9, LARGEST - 1, LARGEST];
for (let power = 10; power < LARGEST; power *= 10) {
  EDGES.push(power - 1, power, power + 1);
}

/** Returns the digits of `value`, with `room` full stops on either side. */
function written(value: number, room = 3): string {
  const width = widthOf(value);
  const bytes = new Uint8Array(room + width + room).fill(0x2e);
  writeDigits(bytes, room + width, value);
  return new TextDecoder().decode(bytes);
}

function assertDigits(value: number): void {
  assert.equal(isShortWhole(value), true, `${value}`);
  assert.equal(widthOf(value), String(value).length, `${value}`);
  assert.equal(written(value), `...${value}...`);
}

test("writeDigits() writes exactly the digits, at the edges of each width", () => {
  for (const value of EDGES) assertDigits(value);
});

test("law: writeDigits() writes String(value)", () => {
  const anyWhole = fc.oneof(
    fc.nat({ max: LARGEST }),
    fc.nat({ max: 9 }).chain((power) => fc.nat({ max: 10 ** power })),
  );
  fc.assert(fc.property(anyWhole, assertDigits), { numRuns: 2000 });
});

test("isShortWhole() refuses fractions, negatives, larger numbers and NaN", () => {
  const others = [
    0.5,
    1.0000001,
    LARGEST - 0.5,
    -1,
    -LARGEST,
    -(2 ** 31),
    2 ** 31,
    2 ** 32,
    2 ** 53,
    1e21,
    Number.MIN_VALUE,
    NaN,
    Infinity,
    -Infinity,
  ];
  for (const value of others) assert.equal(isShortWhole(value), false);
});

test("writeDigits() writes -0 as 0", () => {
  assert.equal(isShortWhole(-0), true);
  assert.equal(widthOf(-0), 1);
  assert.equal(written(-0), "...0...");
});

test("writeDigits() can fill the whole array", () => {
  for (const value of EDGES) assert.equal(written(value, 0), `${value}`);
});

test("hasDigits() accepts exactly the digits that writeDigits() writes", () => {
  for (const value of [...EDGES, -0]) {
    const width = widthOf(value);
    const bytes = new Uint8Array(width);
    writeDigits(bytes, width, value);
    assert.equal(hasDigits(bytes, width, value), true, `${value}`);
    for (let at = 0; at < width; at++) {
      const other = bytes.slice();
      other[at] = other[at] === 0x39 ? 0x30 : other[at]! + 1;
      assert.equal(hasDigits(other, width, value), false, `${value} at ${at}`);
    }
  }
});

test("law: hasDigits() is true if the written digits end with those of the number", () => {
  const anyWhole = fc.nat({ max: 2000 });
  fc.assert(fc.property(anyWhole, anyWhole, (value, other) => {
    const width = widthOf(value);
    const bytes = new Uint8Array(width);
    writeDigits(bytes, width, value);
    const isEnd = String(value).endsWith(String(other));
    assert.equal(hasDigits(bytes, width, other), isEnd);
  }));
});
