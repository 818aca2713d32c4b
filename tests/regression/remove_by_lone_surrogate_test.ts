// A lone surrogate is recorded as U+FFFD and found again by itself. remove()
// with it found nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "../metrics/fixtures.ts";

test("remove() finds a series by the label value that with() found it by", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
  });
  family.at("\ud800", "1").inc();
  family.at("\ud800", "2").inc();
  const bound = family.bind({ a: "\ud800" });
  assert.equal(bound.size, 2);
  assert.equal(family.remove({ a: "\ud800", b: "1" }), 1);
  assert.equal(family.remove({ a: "\udc00" }), 1); // the same series
  assert.equal(family.size, 0);
});
