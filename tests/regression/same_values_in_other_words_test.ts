// The same closed sets, written as numbers, in another order of the labels or
// with a value twice, were taken for a conflict.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "../metrics/fixtures.ts";

test("closed sets that come to the same are the same declaration", () => {
  const { registry } = setUp();
  const x = { name: "x_total", help: "X.", labels: ["a", "b"] } as const;
  const first = registry.counter({ ...x, values: { a: [1, 2], b: ["c"] } });
  const same = registry.counter({ ...x, values: { b: ["c"], a: ["1", "2"] } });
  assert.equal(first.at(1, "c"), same.at("1", "c"));
  assert.throws(
    () => registry.counter({ ...x, values: { a: [1, 3], b: ["c"] } }),
    /values/,
  );
});
