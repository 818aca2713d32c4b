// A closed set could list a value with a lone surrogate. It was recorded as
// U+FFFD, which was not in the set, so that the listed value overflowed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("every value that a closed set lists can be recorded", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
    values: { a: ["\ud800", "b"] },
  });
  family.at("\ud800").inc();
  family.at("b").inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [["\ufffd", 1], ["b", 1]]);
});
