import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics } from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import {
  changeOf,
  distributionOf,
  expositionOf,
  FakeClock,
  valueOf,
} from "../../src/testing/mod.ts";

function setUp() {
  const registry = createRegistry();
  const counter = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
  });
  counter.with({ a: 1, b: true }).inc(3);
  counter.with({ a: "", b: "y" }).inc(4);
  registry.histogram({ name: "h", help: "H.", buckets: [1] }).observe(2);
  registry.summary({ name: "s", help: "S." }).observe(2);
  return { registry, counter };
}

test("valueOf() finds one series, an absent label being an empty one", () => {
  const { registry } = setUp();
  assert.equal(valueOf(registry, "x_total", { a: 1, b: true }), 3);
  assert.equal(valueOf(registry, "x_total", { a: "1", b: "true" }), 3);
  assert.equal(valueOf(registry, "x_total", { b: "y" }), 4);
  assert.equal(valueOf(registry, "x_total", { a: 2, b: "y" }), undefined);
  assert.equal(valueOf(registry, "x_total"), undefined);
});

test("valueOf() says what there is instead of what is not", () => {
  const { registry } = setUp();
  assert.throws(
    () => valueOf(registry, "y_total"),
    /Cannot find family "y_total": there are "x_total", "h", "s"/,
  );
  assert.throws(
    () => valueOf(registry, "x_total", { c: 1 }),
    /Cannot look up label "c" of "x_total": its labels are a, b/,
  );
  assert.throws(() => valueOf(registry, "h"), /ask distributionOf\(\)/);
});

test("distributionOf() gives count, sum and buckets", () => {
  const { registry } = setUp();
  const histogram = distributionOf(registry, "h");
  assert.ok(histogram !== undefined && "counts" in histogram);
  assert.deepEqual([...histogram.counts], [0, 1]);
  assert.equal(distributionOf(registry, "s")?.sum, 2);
});

test("changeOf() tells a difference, from nothing too", () => {
  const { registry, counter } = setUp();
  const known = changeOf(registry, "x_total", { b: "y" });
  const fresh = changeOf(registry, "x_total", { a: 9, b: 9 });
  counter.with({ a: "", b: "y" }).inc(2);
  counter.with({ a: 9, b: 9 }).inc(5);
  assert.equal(known(), 2);
  assert.equal(fresh(), 5);
});

test("expositionOf() shows what was declared and nothing of the registry", () => {
  const { registry } = setUp();
  assert.doesNotMatch(expositionOf(registry), /barograph_/);
  assert.match(expositionOf(registry), /^# HELP x_total X\.\n/);
  assert.match(expositionOf(registry, openMetrics), /# EOF\n$/);
});

test("a fake clock goes on when it is told, on both scales", () => {
  const clock = new FakeClock(100);
  assert.equal(clock.unix(), 100);
  clock.advance(2.5);
  assert.equal(clock.unix(), 102.5);
  assert.equal(clock.mono(), 2.5);
});
