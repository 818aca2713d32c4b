// An info may have no labels. Its only statement was never found again, so
// that it could not be taken back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("an info without labels can take its statement back", () => {
  const { registry } = setUp();
  const info = registry.info({ name: "x_info", help: "X." });
  info.set({});
  info.set({});
  assert.deepEqual(rowsOf(registry, "x_info"), [[1]]);
  assert.equal(info.remove({}), 1);
  assert.equal(info.size, 0);
  assert.deepEqual(rowsOf(registry, "x_info"), []);
});
