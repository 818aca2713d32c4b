// clear() removed only exposed series. A held series that had expired before
// came back with its old count.
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { rowsOf, setUp } from "../metrics/fixtures.ts";

test("a held series that expired before clear() starts from zero", () => {
  const { registry, clock } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
    expireAfter: 60,
  });
  const held = family.at("1");
  held.inc(100);
  capture(registry);
  clock.advance(60);
  capture(registry);
  family.clear();
  assert.equal(held.value, 0);
  held.inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [["1", 1]]);
});
