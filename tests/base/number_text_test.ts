import assert from "node:assert/strict";
import { test } from "node:test";
import { boundText, numberText } from "../../src/base/internal.ts";

test("numberText() writes +Inf, -Inf and NaN", () => {
  assert.equal(numberText(Infinity), "+Inf");
  assert.equal(numberText(-Infinity), "-Inf");
  assert.equal(numberText(NaN), "NaN");
});

test("numberText() writes the shortest digits, and -0 as 0", () => {
  assert.equal(numberText(0.1 + 0.2), "0.30000000000000004");
  assert.equal(numberText(-0), "0");
  assert.equal(numberText(17), "17");
  assert.equal(numberText(2 ** 53), "9007199254740992");
});

test("numberText() writes all digits of integers from 2^53 on", () => {
  const spellings: [number, string][] = [
    [2 ** 53 + 2, "9007199254740994"],
    [2 ** 60, "1152921504606846976"],
    [-(2 ** 60), "-1152921504606846976"],
    [2 ** 63, "9223372036854775808"],
    [2 ** 64, "18446744073709551616"],
    [1e21, "1e+21"],
    [-1e21, "-1e+21"],
  ];
  for (const [value, text] of spellings) {
    assert.equal(numberText(value), text);
    assert.equal(Number(text), value);
  }
});

test("boundText() writes the canonical numbers of OpenMetrics", () => {
  const spellings: [number, string][] = [
    [0, "0.0"],
    [-0, "0.0"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [0.0000001, "1e-07"],
    [0.1, "0.1"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1, "1.0"],
    [10, "10.0"],
    [100000, "100000.0"],
    [1000000, "1e+06"],
    [123456789, "1.23456789e+08"],
    [2500000, "2.5e+06"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [NaN, "NaN"],
  ];
  for (const [value, text] of spellings) assert.equal(boundText(value), text);
});

test("boundText() writes the default buckets as other clients do", () => {
  const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
  assert.equal(
    bounds.map(boundText).join(" "),
    "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1.0 2.5 5.0 10.0",
  );
});

test("boundText() switches to an exponent at 1e+06 and below 1e-04", () => {
  assert.equal(boundText(999999), "999999.0");
  assert.equal(boundText(999999.5), "999999.5");
  assert.equal(boundText(1000001), "1.000001e+06");
  assert.equal(boundText(0.00012345), "0.00012345");
  assert.equal(boundText(0.000099), "9.9e-05");
});

test("boundText() keeps the sign", () => {
  assert.equal(boundText(-1), "-1.0");
  assert.equal(boundText(-0.00001), "-1e-05");
  assert.equal(boundText(-2500000), "-2.5e+06");
});
