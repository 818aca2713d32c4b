/** Arbitraries at the edges of float64 arithmetic and UTF-16. */
import * as fc from "../support/property.ts";

/** Any float64, with edge cases often. */
export function anyNumber(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.double(),
    fc.integer(),
    fc.integer({ min: -2000, max: 2000 }),
    fc.maxSafeInteger(),
    fc.constantFrom(
      0,
      -0,
      NaN,
      Infinity,
      -Infinity,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Number.MIN_VALUE,
      2 ** -1022,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 31 + 1,
      2 ** 32,
      2 ** 53 - 1,
      2 ** 53,
      1e21,
      1e-7,
      0.1 + 0.2,
    ),
  );
}

/** Any finite float64 above 0, including subnormals. */
export function anyMagnitude(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }),
    fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    fc.integer({ min: -1074, max: 1023 }).map((power) => 2 ** power),
  );
}

/** Text with quotes, separators, control characters and lone surrogates. */
export function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom(
        "a",
        "\\",
        "\n",
        '"',
        "\r",
        "\t",
        "\0",
        "\x7f",
        "\x80",
        "ü",
        "€",
        "\u2028",
        "\ud83d",
        "\udd25",
        "🔥",
      ),
      maxLength: 40,
    }),
  );
}

/** Returns the next float64 above a finite `value` from 0 on. */
export function nextAbove(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + 1n);
  return view.getFloat64(0);
}
