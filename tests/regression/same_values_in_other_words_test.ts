// Equal closed sets were refused as a conflict if they were written as numbers,
// with the labels in another order or with a repeated value.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "../metrics/fixtures.ts";

test("equal closed sets in different notation are one declaration", () => {
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
