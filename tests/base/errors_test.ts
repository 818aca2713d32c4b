import assert from "node:assert/strict";
import { test } from "node:test";
import { FamilyConflictError } from "../../src/base/mod.ts";

test("FamilyConflictError is an Error that carries both families", () => {
  const error = new FamilyConflictError("they clash", "a_total", "a");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "FamilyConflictError");
  assert.equal(error.message, "they clash");
  assert.equal(error.existing, "a_total");
  assert.equal(error.requested, "a");
  assert.match(String(error), /^FamilyConflictError: they clash/);
});
