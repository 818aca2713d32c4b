import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { boundText, numberText } from "../../src/base/number_text.ts";

test("boundText() spells the examples of the canonical form", () => {
  const examples: readonly (readonly [number, string])[] = [
    [0, "0.0"],
    [-0, "0.0"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e-7, "1e-07"],
    [0.1, "0.1"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1, "1.0"],
    [10, "10.0"],
    [100_000, "100000.0"],
    [1_000_000, "1e+06"],
    [123_456_789, "1.23456789e+08"],
    [2_500_000, "2.5e+06"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
    [-2.5, "-2.5"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
  ];
  for (const [value, text] of examples) assert.equal(boundText(value), text);
});

test("law: boundText() reads back as the same number", () => {
  fc.assert(fc.property(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    (value) => assert.equal(Number(boundText(value)), value === 0 ? 0 : value),
  ));
});

test("law: boundText() has a point or an exponent of two digits", () => {
  fc.assert(fc.property(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    (value) =>
      assert.match(
        boundText(value),
        /^-?[0-9]+(\.[0-9]+|(\.[0-9]+)?e[+-][0-9]{2,3})$/,
      ),
  ));
});

test("numberText() gives infinities their sign and NaN its name", () => {
  assert.equal(numberText(Infinity), "+Inf");
  assert.equal(numberText(-Infinity), "-Inf");
  assert.equal(numberText(NaN), "NaN");
  assert.equal(numberText(-0), "0");
  assert.equal(numberText(1.5), "1.5");
});
