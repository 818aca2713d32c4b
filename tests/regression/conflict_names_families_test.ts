// A FamilyConflictError has the names of both families. For two declarations of
// one name it had "counter x_total" instead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FamilyConflictError } from "../../src/metrics/mod.ts";
import { setUp } from "../metrics/fixtures.ts";

test("FamilyConflictError has the family names in both kinds of conflict", () => {
  const { registry } = setUp();
  registry.histogram({ name: "x", help: "X." });
  const conflict = (declare: () => unknown): [string, string] => {
    try {
      declare();
    } catch (error) {
      assert.ok(error instanceof FamilyConflictError);
      return [error.existing, error.requested];
    }
    return assert.fail("there was no conflict");
  };
  assert.deepEqual(
    conflict(() => registry.gauge({ name: "x_count", help: "X." })),
    ["x", "x_count"],
  );
  assert.deepEqual(
    conflict(() => registry.histogram({ name: "x", help: "Y." })),
    ["x", "x"],
  );
});
