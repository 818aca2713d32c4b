import assert from "node:assert/strict";
import { test } from "node:test";
import { column, figure, sparkline } from "../../src/cli/top/text.ts";
import * as fc from "../support/property.ts";

test("figure() has three digits and the unit that fits", () => {
  for (
    const [value, unit, text] of [
      [0, "count", "0"],
      [46.72, "count", "46.7"],
      [7, "count", "7"],
      [5000, "count", "5000"],
      [12_400, "count", "12.4 k"],
      [999_950, "count", "1 M"],
      [-12_400, "count", "-12.4 k"],
      [0.013, "seconds", "13 ms"],
      [1.534, "seconds", "1.53 s"],
      [0.9999, "seconds", "1 s"],
      [90, "seconds", "1.5 min"],
      [0.0000042, "seconds", "4.2 µs"],
      [7200, "seconds", "2 h"],
      [96 * 1024 ** 2, "bytes", "96 MiB"],
      [1023.9, "bytes", "1 KiB"],
      [0.034, "ratio", "3.4 %"],
      [0.00001, "count", "<0.001"],
      [NaN, "count", "-"],
      [undefined, "count", "-"],
      [Infinity, "count", "+Inf"],
    ] as const
  ) assert.equal(figure(value, unit), text);
});

test("column() cuts and pads by columns, wide characters too", () => {
  assert.equal(column("abc", 5), "abc  ");
  assert.equal(column("abc", 5, "right"), "  abc");
  assert.equal(column("abcdef", 4), "abc…");
  assert.equal(column("店店店", 4), "店… ");
  assert.equal(column("\x1b[2Ja", 6), "�[2Ja ");
  assert.equal(column("abc", 0), "");
});

/** The columns of text as the law counts them: those of column() are 1 or 2. */
function width(text: string): number {
  let total = 0;
  for (const character of text) {
    total += /\p{M}/u.test(character)
      ? 0
      : /[\u4e00-\u9fff]/u.test(character)
      ? 2
      : 1;
  }
  return total;
}

test("law: column() has exactly the width, and no control characters", () => {
  const text = fc.array(
    fc.constantFrom("a", "店", "é", "e\u0301", "\n", "\x1b", "\u202e", " "),
    { maxLength: 30 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 20 }), (text, columns) => {
      const made = column(text, columns);
      assert.equal(width(made), columns);
      assert.doesNotMatch(made, /\p{Cc}|\p{Cf}/u);
    }),
    { numRuns: 1000 },
  );
});

test("sparkline() draws from zero, leaves gaps and keeps its width", () => {
  assert.equal(sparkline([0, 4, 8], 3), "▁▅█");
  assert.equal(sparkline([8, undefined, 8], 5), "  █ █");
  assert.equal(sparkline([1, 2, 3, 4], 2), "▇█");
  assert.equal(sparkline([0, 0], 2), "▁▁");
  assert.equal(sparkline([-1, 1], 2), "▁█");
  assert.equal(sparkline([], 3), "   ");
});
