import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { boundText } from "../../src/base/internal.ts";
import { anyNumber } from "./arbitraries.ts";

/** Writes a bound by another algorithm: places the point among the digits. */
function naiveBound(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return "0.0";
  const sign = value < 0 ? "-" : "";
  const shortest = Math.abs(value).toExponential();
  const [, whole = "", fraction = "", power = ""] =
    /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(shortest) ?? [];
  const digits = whole + fraction;
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    const mantissa = fraction === "" ? whole : `${whole}.${fraction}`;
    const size = Math.abs(exponent);
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}` +
      (size < 10 ? `0${size}` : `${size}`);
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const before = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const after = digits.slice(exponent + 1);
  return `${sign}${before}.${after === "" ? "0" : after}`;
}

test("law: boundText() writes the shortest digits with a point or exponent", () => {
  fc.assert(
    fc.property(anyNumber(), (value) => {
      assert.equal(boundText(value), naiveBound(value));
    }),
    { numRuns: 500 },
  );
});

test("law: boundText() parses to the same number", () => {
  fc.assert(
    fc.property(anyNumber(), (value) => {
      const read = Number(boundText(value).replace("Inf", "Infinity"));
      assert.ok(Object.is(read, value === 0 ? 0 : value));
    }),
    { numRuns: 500 },
  );
});

test("law: boundText() always has a point or an exponent", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (value) => {
        assert.match(boundText(value), /^-?\d+(\.\d+)?(e[+-]\d{2,3})?$/);
        assert.match(boundText(value), /[.e]/);
      },
    ),
    { numRuns: 500 },
  );
});
