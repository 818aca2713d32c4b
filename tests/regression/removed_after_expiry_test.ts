// A removed series starts from zero. remove() did not reach a held series that
// had expired before, nor did clear() of a bound family or a scope: the series
// came back with its old count.
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

const X = {
  name: "x_total",
  help: "X.",
  labels: ["a"],
  expireAfter: 60,
} as const;

test("remove() reaches handles from before the expiry", () => {
  const { registry, clock } = setUp();
  const family = registry.counter(X);
  const held = family.at("1");
  const other = family.at("2");
  held.inc(100);
  other.inc(7);
  capture(registry);
  clock.advance(60);
  capture(registry);
  family.at("1").inc(5); // looked up anew, while the first is still held
  assert.equal(family.remove({ a: "1" }), 1);
  held.inc();
  other.inc();
  assert.deepEqual(rowsOf(registry, "x_total").toSorted(), [["1", 1], [
    "2",
    8,
  ]]);
});

test("clear() of a scope reaches the series of that scope only", () => {
  const { registry, clock } = setUp();
  const [mine, theirs] = ["mine", "theirs"].map((app) =>
    registry.scope({ labels: { app } }).counter(X)
  );
  const [held, other] = [mine!.at("1"), theirs!.at("1")];
  held.inc(100);
  other.inc(7);
  capture(registry);
  clock.advance(60);
  capture(registry);
  mine!.clear();
  held.inc();
  other.inc();
  assert.deepEqual(rowsOf(registry, "x_total").toSorted(), [
    ["mine", "1", 1],
    ["theirs", "1", 8],
  ]);
});
