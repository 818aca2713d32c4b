// An info may have no labels. Its only series was never found again, so it could
// not be removed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("the series of an info without labels can be removed", () => {
  const { registry } = setUp();
  const info = registry.info({ name: "x_info", help: "X." });
  info.set({});
  info.set({});
  assert.deepEqual(rowsOf(registry, "x_info"), [[1]]);
  assert.equal(info.remove({}), 1);
  assert.equal(info.size, 0);
  assert.deepEqual(rowsOf(registry, "x_info"), []);
});
