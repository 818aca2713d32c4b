// Only differences of a clock's mono() have a meaning, so it may be negative. The
// first observation of a summary then threw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { familyOf } from "../metrics/fixtures.ts";

test("a summary observes with a clock that starts below zero", () => {
  let now = -1000;
  const registry = createRegistry({
    clock: { unix: () => 0, mono: () => now },
  });
  const summary = registry.summary({
    name: "x",
    help: "X.",
    quantiles: [1],
    maxAge: 50,
  });
  const highest = () => familyOf(registry, "x")!.summaries[0]!.values[0]!;
  summary.observe(100);
  now += 20;
  summary.observe(1);
  assert.ok(highest() > 98);
  now += 35;
  assert.ok(highest() < 2);
  now += 1000;
  assert.equal(highest(), NaN);
});
