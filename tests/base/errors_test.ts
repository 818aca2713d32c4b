import assert from "node:assert/strict";
import { test } from "node:test";
import { FamilyConflictError } from "../../src/base/mod.ts";
import { display, quoted } from "../../src/base/internal.ts";

test("FamilyConflictError carries the names of both families", () => {
  const error = new FamilyConflictError("they clash", "a_total", "a");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "FamilyConflictError");
  assert.equal(error.message, "they clash");
  assert.equal(error.existing, "a_total");
  assert.equal(error.requested, "a");
  assert.match(String(error), /^FamilyConflictError: they clash/);
});

test("display() returns text for any value and never throws", () => {
  const hostile = {
    toJSON(): never {
      throw new Error("no text");
    },
  };
  const cases: readonly (readonly [unknown, string])[] = [
    ["a", "a"],
    [-0.5, "-0.5"],
    [null, "null"],
    [undefined, "undefined"],
    [{ a: [1] }, '{"a":[1]}'],
    [Symbol("s"), "Symbol(s)"],
    [5n, "5"],
    [Object.create(null), "{}"],
    [{ toJSON: () => undefined }, "undefined"],
    [hostile, "object"],
    [[1n], "object"],
  ];
  for (const [value, text] of cases) assert.equal(display(value), text);
});

test("display() truncates long text", () => {
  assert.equal(display("x".repeat(80)), "x".repeat(80));
  assert.equal(display("x".repeat(81)), `${"x".repeat(80)}…`);
  assert.equal(display(Array(1000).fill(1)).length, 81);
});

test("quoted() escapes quotes", () => {
  assert.equal(quoted('a"b\n'), '"a\\"b\\n"');
  assert.equal(quoted(5), '"5"');
});
