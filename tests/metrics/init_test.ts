import assert from "node:assert/strict";
import { test } from "node:test";
import type { Registry } from "../../src/metrics/mod.ts";
import { labelsOf, loose, rowsOf, setUp } from "./fixtures.ts";

function jobs(registry: Registry, maxSeries = 100) {
  return registry.counter({
    name: "jobs_total",
    help: "Jobs.",
    labels: ["queue", "outcome"],
    values: { outcome: ["done", "failed"] },
    maxSeries,
  });
}

test("Family.init() of label sets creates these series at zero", () => {
  const { registry } = setUp();
  const family = jobs(registry);
  family.init([
    { queue: "mail", outcome: "done" },
    { outcome: "failed", queue: "sms" },
    { queue: "mail", outcome: "done" },
  ]);
  assert.deepEqual(rowsOf(registry, "jobs_total"), [
    ["mail", "done", 0],
    ["sms", "failed", 0],
  ]);
});

test("Family.init() of lists creates all combinations", () => {
  const { registry } = setUp();
  const family = jobs(registry);
  family.init({ queue: ["mail", 7], outcome: ["done", "failed"] });
  assert.deepEqual(labelsOf(registry, "jobs_total"), [
    ["mail", "done"],
    ["mail", "failed"],
    ["7", "done"],
    ["7", "failed"],
  ]);
});

test("Family.init() without an argument combines the closed sets", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
    values: { b: [true, false], a: [1, 2] },
  });
  family.init();
  assert.deepEqual(labelsOf(registry, "x_total"), [
    ["1", "true"],
    ["1", "false"],
    ["2", "true"],
    ["2", "false"],
  ]);
});

test("Family.init() keeps the values of existing series", () => {
  const { registry } = setUp();
  const family = jobs(registry);
  family.at("mail", "done").inc(3);
  family.init({ queue: ["mail"], outcome: ["done", "failed"] });
  assert.deepEqual(rowsOf(registry, "jobs_total"), [
    ["mail", "done", 3],
    ["mail", "failed", 0],
  ]);
});

test("Family.init() of a bound family combines the unbound labels", () => {
  const { registry } = setUp();
  const family = jobs(registry);
  family.bind({ queue: "mail" }).init();
  family.bind({ outcome: "done" }).init([{ queue: "sms" }]);
  assert.deepEqual(labelsOf(registry, "jobs_total"), [
    ["mail", "done"],
    ["mail", "failed"],
    ["sms", "done"],
  ]);
});

test("Family.init() refuses a label without a list of values", () => {
  const { registry } = setUp();
  const family = jobs(registry);
  assert.throws(() => family.init(), {
    name: "RangeError",
    message: 'Cannot init "jobs_total": label "queue" has no list of values; ' +
      "declare values: { queue: […] } or pass a list to init",
  });
  assert.throws(() => loose(family).init!({ outcome: ["done"] }), /"queue"/);
  assert.equal(family.size, 0);
});

test("Family.init() refuses more than maxSeries before it creates any", () => {
  const { registry } = setUp();
  const family = jobs(registry, 3);
  const message = 'Cannot init "jobs_total": 4 series are more than ' +
    "maxSeries: 3; raise it or list fewer values";
  assert.throws(
    () => family.init({ queue: ["a", "b"], outcome: ["done", "failed"] }),
    { name: "RangeError", message },
  );
  const sets = ["a", "b", "c", "d"].map((queue) =>
    ({ queue, outcome: "done" }) as const
  );
  assert.throws(() => family.init(sets), { name: "RangeError", message });
  assert.equal(family.size, 0);
});

test("Family.init() refuses 3^30 combinations without creating them", () => {
  const { registry } = setUp();
  const labels = Array.from({ length: 30 }, (_, i) => `l${i}`);
  const family = registry.counter({ name: "x_total", help: "X.", labels });
  const lists = Object.fromEntries(
    labels.map((name) => [name, ["a", "b", "c"]]),
  );
  assert.throws(() => family.init(lists), /are more than maxSeries: 10000/);
});

test("Family.init() of an empty list creates nothing", () => {
  const { registry } = setUp();
  const family = jobs(registry);
  family.init([]);
  family.init({ queue: [], outcome: ["done"] });
  assert.equal(family.size, 0);
});

test("counter() with known label sets creates them at zero", () => {
  const { registry } = setUp();
  registry.gauge({
    name: "x",
    help: "X.",
    labels: ["a"],
    known: [{ a: "1" }, { a: 2 }],
  });
  assert.deepEqual(rowsOf(registry, "x"), [["1", 0], ["2", 0]]);
});

test('gauge() with known: "all" creates all combinations of the closed sets', () => {
  const { registry } = setUp();
  registry.gauge({
    name: "x",
    help: "X.",
    labels: ["a", "b"],
    values: { a: ["1", "2"], b: ["3"] },
    known: "all",
  });
  assert.deepEqual(rowsOf(registry, "x"), [["1", "3", 0], ["2", "3", 0]]);
});

test("histogram() with known label sets creates them at zero", () => {
  const { registry } = setUp();
  const family = registry.histogram({
    name: "x",
    help: "X.",
    labels: ["a"],
    known: [{ a: "1" }],
  });
  assert.equal(family.size, 1);
  assert.equal(family.at("1").count, 0);
});

test("counter() adds known label sets to a family that is declared already", () => {
  const { registry } = setUp();
  const options = { name: "x_total", help: "X.", labels: ["a"] } as const;
  registry.counter({ ...options, known: [{ a: 1 }] });
  registry.counter({ ...options, known: [{ a: 2 }] });
  assert.deepEqual(rowsOf(registry, "x_total"), [["1", 0], ["2", 0]]);
});

test('gauge() refuses known: "all" without closed sets', () => {
  const { registry } = setUp();
  assert.throws(
    () =>
      registry.gauge({ name: "x", help: "X.", labels: ["a"], known: "all" }),
    /label "a" has no list of values; declare values: { a: \[…\] }/,
  );
});
