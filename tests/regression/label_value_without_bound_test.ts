// A label value had no limit: a route or a peer made from a request kept megabytes
// for each value, and each scrape sent them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { prometheusText } from "../../src/encode/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { expositionOf } from "../../src/testing/mod.ts";

const LIMIT = 4096;

test("a label value above the limit is recorded in the overflow series", () => {
  const registry = createRegistry();
  const calls = registry.counter({
    name: "calls_total",
    help: "Calls.",
    labels: ["peer"],
  });
  calls.with({ peer: "x".repeat(LIMIT) }).inc();
  for (let i = 0; i < 50; i++) calls.at(`${i}`.padEnd(2 ** 20, "y")).inc();
  assert.equal(calls.size, 1);
  const lines = expositionOf(registry, prometheusText, {
    selfMetrics: true,
  }).split("\n");
  assert.ok(lines.includes('calls_total{peer="overflow"} 50'));
  assert.ok(lines.every((line) => line.length < 2 * LIMIT));
  const rejected =
    'barograph_rejected_observations_total{reason="label_value"} 50';
  assert.ok(lines.includes(rejected));
});

test("values that the program declares may be longer", () => {
  const registry = createRegistry({ strict: true });
  const long = "x".repeat(2 * LIMIT);
  const help = "Help.";
  const listed = registry.counter({
    name: "a_total",
    help,
    labels: ["a"],
    values: { a: [long] },
    known: "all",
  });
  assert.equal(listed.with({ a: long }), listed.at(long));
  const facts = registry.info({ name: "facts_info", help, labels: ["a"] });
  facts.set({ a: long });
  for (const end of ["1", "2"]) {
    const scope = registry.scope({ labels: { region: long + end } });
    const labels = ["peer"] as const;
    const calls = scope.counter({ name: "calls_total", help, labels });
    calls.at("a").inc();
    calls.at("b").inc();
    assert.throws(() => calls.at(long), /at most 4096 characters/);
    const depth = scope.gauge({ name: "depth", help });
    depth.set(1);
  }
  const lines = expositionOf(registry, prometheusText).split("\n");
  assert.ok(lines.includes(`facts_info{a="${long}"} 1`));
  for (const end of ["1", "2"]) {
    const region = `region="${long}${end}"`;
    assert.ok(lines.includes(`calls_total{${region},peer="b"} 1`));
    assert.ok(lines.includes(`depth{${region}} 1`));
  }
});

test("a strict registry throws for a label value above the limit", () => {
  const registry = createRegistry({ strict: true });
  const options = { name: "depth", help: "Depth.", labels: ["queue"] } as const;
  const depth = registry.gauge(options);
  assert.throws(
    () => depth.with({ queue: "x".repeat(LIMIT + 1) }),
    /at most 4096 characters/,
  );
  depth.with({ queue: "x".repeat(LIMIT) }).set(1);
});
