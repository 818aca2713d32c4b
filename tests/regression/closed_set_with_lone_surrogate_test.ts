// A closed set could list a value with a lone surrogate. The value was recorded
// as U+FFFD, which was not in the set, so it went to the overflow series.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("every value of a closed set can be recorded", () => {
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
