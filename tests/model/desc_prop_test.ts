import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { familyDesc, type MetricType } from "../../src/model/mod.ts";
import { anyText } from "../base/arbitraries.ts";
import { TYPES } from "./fixtures.ts";

type Init = Parameters<typeof familyDesc>[0];

/** The error of a description; undefined if it is legal. */
function refusal(init: Init): string | undefined {
  try {
    familyDesc(init);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RangeError);
    return error.message;
  }
}

/** The text that an error message says to type instead. */
function advised(message: string): string {
  const [, text = ""] =
    /try "([^"]+)"(?:, or declare with names: "utf-8")?$/.exec(message) ?? [];
  return text;
}

const anyWord = (): fc.Arbitrary<string> =>
  fc.oneof(
    anyText(),
    fc.string({
      unit: fc.constantFrom("a", "B", "_", ":", "1", "-", "_total", "_info"),
      minLength: 1,
      maxLength: 8,
    }),
  );

test("law: the name that an error suggests is legal", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<MetricType>(...TYPES.filter((t) => t !== "stateset")),
      anyWord(),
      (type, name) => {
        const message = refusal({ name, type, help: "x" });
        if (message === undefined || name.length > 70) return;
        assert.ok(message.includes(JSON.stringify(name)), message);
        const next = { name: advised(message), type, help: "x" };
        assert.equal(refusal(next), undefined);
      },
    ),
    { numRuns: 500, examples: [["counter", "_"]] },
  );
});

test("law: the label that an error suggests is legal", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<MetricType>("gauge", "histogram", "summary", "unknown"),
      fc.oneof(anyWord(), fc.constantFrom("le", "quantile")),
      (type, label) => {
        const init = { name: "x", type, help: "x" };
        const message = refusal({ ...init, labelNames: [label] });
        if (message === undefined || label.length > 70) return;
        assert.ok(message.includes(JSON.stringify(label)), message);
        const next = { ...init, labelNames: [advised(message)] };
        assert.equal(refusal(next), undefined);
      },
    ),
    { numRuns: 500 },
  );
});

test("law: the name that an error suggests ends in the unit", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<MetricType>("counter", "gauge", "histogram", "summary"),
      fc.string({ unit: fc.constantFrom("a", "b", "_"), minLength: 1 })
        .map((stem) => `x${stem}`),
      fc.constantFrom("seconds", "bytes", "b", "a_b"),
      (type, stem, unit) => {
        const name = type === "counter" ? `${stem}_total` : stem;
        const message = refusal({ name, type, help: "x", unit });
        if (message === undefined) return;
        const next = { name: advised(message), type, help: "x", unit };
        assert.equal(refusal(next), undefined);
      },
    ),
    { numRuns: 300 },
  );
});
