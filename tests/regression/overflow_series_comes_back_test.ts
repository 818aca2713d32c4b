// A held overflow series that had expired or was removed came back as an ordinary
// series. It counted against maxSeries and, in a full family, was replaced by a
// new one that began at zero.
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { overflowsOf, rowsOf, setUp } from "../metrics/fixtures.ts";

function declare(maxSeries: number) {
  const { registry, clock } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
    maxSeries,
    expireAfter: 60,
  });
  return { registry, clock, family };
}

test("an expired overflow series comes back to a full family without loss", () => {
  const { registry, clock, family } = declare(1);
  const only = family.at("only");
  const overflow = family.at("too much");
  overflow.inc(100);
  for (let i = 0; i < 3; i++) {
    only.inc();
    capture(registry);
    clock.advance(30);
  }
  only.inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [["only", 4]]);
  overflow.inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [
    ["only", 4],
    ["overflow", 101],
  ]);
  assert.deepEqual(overflowsOf(registry), { x_total: 1 }); // one look-up
});

test("an overflow series that comes back does not count against maxSeries", () => {
  const { registry, family } = declare(1);
  family.at("a");
  const overflow = family.at("b");
  family.clear();
  overflow.inc();
  assert.equal(family.size, 0);
  family.at("c").inc();
  assert.deepEqual(rowsOf(registry, "x_total").toSorted(), [
    ["c", 1],
    ["overflow", 1],
  ]);
});
