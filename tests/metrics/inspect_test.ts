import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { setUp } from "./fixtures.ts";

test("console.log() of a series prints its labels and its value", () => {
  const { registry } = setUp();
  const common = { help: "X.", labels: ["a", "b"] } as const;
  const total = registry.counter({ ...common, name: "x_total" }).at(1, '"');
  total.inc(3);
  assert.equal(inspect(total), 'counter x_total{a="1",b="\\""} value=3');
  const size = registry.histogram({ name: "size", help: "X." });
  size.observe(5, 2);
  assert.equal(inspect(size), "histogram size count=2 sum=10");
  const phase = registry.stateSet({ name: "p", help: "X.", states: ["on"] });
  phase.set("on");
  assert.equal(inspect(phase), "stateset p active=on");
});

test("console.log() of a family, an expired series and a registry is short", () => {
  const { registry, clock } = setUp({ selfMetrics: false });
  const hits = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
    expireAfter: 1,
  });
  const held = hits.at("1", "2");
  held.inc();
  assert.equal(inspect(hits), "counter x_total{a,b}, 1 series");
  assert.equal(inspect(hits.bind({ a: 1 })), "counter x_total{b}, 1 series");
  for (let i = 0; i < 2; i++) {
    registry.collect({ family: () => false } as never);
    for (const part of registry.parts) part.rows!.open();
    clock.advance(2);
  }
  assert.equal(hits.size, 0);
  const facts = registry.info({ name: "y_info", help: "Y.", labels: ["a"] });
  facts.set({ a: 1 });
  assert.equal(inspect(facts), "info y_info{a}, 1 series");
  registry.unregister("y_info");
  assert.equal(inspect(held), 'counter x_total{a="1",b="2"} value=1');
  assert.equal(inspect(registry), "registry of x_total");
});
