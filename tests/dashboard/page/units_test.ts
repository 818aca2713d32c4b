import assert from "node:assert/strict";
import test from "node:test";
import {
  ago,
  brief,
  bytes,
  formatOf,
  plain,
  rateOf,
  ratio,
  seconds,
  tickWords,
  wholeNumber,
  words,
} from "../../../page/core/units.ts";
import * as fc from "../../support/property.ts";

/** Makes the special spaces of the page plain ones. */
const spaced = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

test("words() has three digits and one unit", () => {
  const told = (figure: { digits: string; unit: string }) =>
    spaced(words(figure));

  assert.deepEqual(
    [0, 0.00024, 0.002, 0.0132, 0.2561, 0.9999, 1.534, 59.94, 125, 11_400]
      .map((value) => told(seconds(value))),
    [
      "0 s",
      "240 µs",
      "2.0 ms",
      "13 ms",
      "256 ms",
      "1.00 s",
      "1.53 s",
      "59.9 s",
      "2 min 5 s",
      "3 h 10 min",
    ],
  );
  assert.deepEqual(
    [0, 412, 2_000_000, 100_700_000].map((value) => told(bytes(value))),
    ["0 B", "412 B", "1.9 MiB", "96 MiB"],
  );
  assert.deepEqual(
    [0, 0.0004, 0.007, 0.0203, 0.224, 1].map((value) => told(ratio(value))),
    ["0 %", "< 0.1 %", "0.7 %", "2.03 %", "22.4 %", "100 %"],
  );
  assert.deepEqual(
    [0, 7, 46.72, 1000, 12_400, 3_200_000].map((value) => told(plain(value))),
    ["0", "7", "46.7", "1 000", "12.4 k", "3.20 M"],
  );
  assert.deepEqual(
    [14, 0, 0.35].map((value) => told(rateOf("")(value))),
    ["14.0/s", "0/s", "0.35/s"],
  );
  assert.equal(told(formatOf("celsius")(21.44)), "21.4 celsius");
});

test("a number that is unknown is never 0", () => {
  for (const format of [plain, seconds, bytes, ratio, rateOf("")]) {
    assert.match(words(format(NaN)), /^–/);
  }
});

test("law: words never lose more than the third digit of a duration", () => {
  const factor: Record<string, number> = {
    ns: 1e-9,
    "µs": 1e-6,
    ms: 1e-3,
    s: 1,
  };
  fc.assert(
    fc.property(
      fc.double({ min: 1e-7, max: 59, noNaN: true }),
      (value) => {
        const { digits, unit } = seconds(value);
        const read = Number(digits) * factor[unit]!;
        assert.ok(Math.abs(read - value) <= value * 0.051, `${digits} ${unit}`);
      },
    ),
  );
});

test("brief() leaves zeros at the end out", () => {
  assert.deepEqual(
    [1, 10, 0.001, 0.0025, 2.5, 100].map((value) =>
      spaced(words(brief(seconds(value))))
    ),
    ["1 s", "10 s", "1 ms", "2.5 ms", "2.5 s", "1 min 40 s"],
  );
});

test("wholeNumber() parts thousands", () => {
  assert.deepEqual([7, 1000, 1234567].map(wholeNumber).map(spaced), [
    "7",
    "1 000",
    "1 234 567",
  ]);
});

test("tickWords() has one unit for all labels of an axis", () => {
  assert.deepEqual(tickWords([0, 0.05, 0.1], seconds).map(spaced), [
    "0",
    "50 ms",
    "100 ms",
  ]);
  assert.deepEqual(tickWords([0, 20, 40, 60], rateOf("")), [
    "0",
    "20",
    "40",
    "60",
  ]);
  assert.deepEqual(tickWords([0, 0.25, 0.5], ratio).map(spaced), [
    "0",
    "25 %",
    "50 %",
  ]);
});

test("ago() counts in the largest whole unit", () => {
  assert.deepEqual(
    [-3, 4, 60, 3599, 7300].map((passed) => spaced(ago(1000 - passed, 1000))),
    ["0 s ago", "4 s ago", "1 min ago", "59 min ago", "2 h ago"],
  );
});
