/** Families whose labels are not declared. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import {
  type Counter,
  counters,
  createRegistry,
  followExemplars,
  type Registry,
  type Series,
} from "../../src/metrics/mod.ts";
import {
  fixedLabelsOf,
  openFamily,
  type OpenFamilyOptions,
} from "../../src/metrics/internal.ts";
import type { InstrumentKind } from "../../src/metrics/mod.ts";
import { labelsOf, rejectionsOf, rowsOf } from "./fixtures.ts";

type AnyCounter = Series & Counter;

const kind = counters as unknown as InstrumentKind<AnyCounter, object>;

function open(
  registry: Registry = createRegistry(),
  options: Partial<OpenFamilyOptions<object>> = {},
) {
  const family = openFamily<AnyCounter, object>(registry, kind, {
    name: "x_total",
    help: "X.",
    unit: "",
    names: "classic",
    labels: ["first"],
    merge: undefined,
    maxSeries: 1000,
    expireAfter: Infinity,
    exemplars: undefined,
    own: {},
    ...options,
  });
  const inc = (labels: Record<string, string>, by = 1): void =>
    family.resolve(new Map(Object.entries(labels))).inc(by);
  return { registry, family, inc };
}

test("a family gets a label with the first series that has it", () => {
  const { registry, family, inc } = open();
  inc({});
  inc({ first: "1", z: "2" });
  inc({ b: "3" });
  inc({ a: "4", b: "3" });
  inc({ b: "3" }, 10);
  const [desc] = registry.descs;
  assert.deepEqual(desc?.labelNames, ["first", "a", "b", "z"]);
  assert.deepEqual(rowsOf(registry, "x_total"), [
    ["", "", "", "", 1],
    ["1", "", "", "2", 1],
    ["", "", "3", "", 11],
    ["", "4", "3", "", 1],
  ]);
  assert.equal(family.find(new Map([["b", "3"]]))?.value, 11);
  assert.equal(family.find(new Map([["b", "4"]])), undefined);
  assert.equal(family.find(new Map([["unknown", "3"]])), undefined);
});

test("a series is printed with its own labels, in the order of the family", () => {
  const { family } = open();
  const series = family.resolve(new Map([["z", "1"]]));
  family.resolve(new Map([["a", "2"]]));
  series.inc(3);
  assert.match(inspect(series), /x_total\{first="",a="",z="1"\}/);
});

test("a family has 128 labels; further ones are in the overflow series", () => {
  const { registry, inc } = open();
  for (let i = 1; i < 128; i++) inc({ [`label${i}`]: "1" });
  assert.equal(rejectionsOf(registry)["label_name"] ?? 0, 0);
  assert.equal(registry.descs[0]?.labelNames.length, 128);
  inc({ label128: "1" });
  inc({ label1: "1", label128: "1" });
  assert.equal(rejectionsOf(registry)["label_name"], 2);
  assert.equal(registry.descs[0]?.labelNames.length, 128);
  assert.equal(labelsOf(registry, "x_total").length, 128);
});

test("an illegal label is rejected", () => {
  const { registry, family, inc } = open();
  inc({ "a.b": "1" });
  assert.equal(rejectionsOf(registry)["label_name"], 1);
  assert.equal(family.find(new Map([["first", "overflow"]])), undefined);
  assert.throws(
    () => open(createRegistry({ strict: true })).inc({ "a.b": "1" }),
    /Cannot record "a\.b" in counter "x_total": label name/,
  );
});

test("a held series that has lost its row comes back with all labels", () => {
  const { family, registry } = open();
  const series = family.resolve(new Map([["b", "1"]]));
  series.inc();
  family.table.remove(["", "1"]);
  family.resolve(new Map([["a", "1"]])).inc();
  assert.equal(series.value, 0);
  series.inc(5);
  assert.deepEqual(rowsOf(registry, "x_total"), [
    ["", "1", "", 1],
    ["", "", "1", 5],
  ]);
  assert.equal(family.resolve(new Map([["b", "1"]])), series);
});

test("names are reserved once, and free after unregister()", () => {
  const { registry, inc } = open();
  inc({ a: "1" });
  inc({ b: "1" });
  assert.throws(
    () => registry.gauge({ name: "x", help: "X." }),
    /counter "x_total" already writes "x"/,
  );
  assert.equal(registry.unregister("x_total"), true);
  registry.gauge({ name: "x", help: "X." }).set(1);
  inc({ c: "1" });
  assert.deepEqual(rowsOf(registry, "x"), [[1]]);
  registry.unregister("x");
  registry.counter({ name: "x_total", help: "X." }).inc();
});

test("a registry that exposes another one reserves its names, too", () => {
  const outer = createRegistry();
  const { registry, inc } = open();
  outer.add(registry);
  inc({ a: "1" });
  assert.deepEqual(labelsOf(outer, "x_total"), [["", "1"]]);
  assert.throws(
    () => outer.counter({ name: "x_total", help: "X." }),
    /already writes/,
  );
});

test("the same declaration returns the same family", () => {
  const { registry, family } = open();
  assert.equal(open(registry, { help: "Other." }).family, family);
  assert.equal(open(registry, { labels: [] }).family, family);
  assert.throws(() => open(registry, { maxSeries: 7 }), /with maxSeries 1000/);
  assert.throws(
    () => registry.counter({ name: "x_total", help: "X." }),
    /declared already/,
  );
});

test("the exemplars of an open family are its own", () => {
  const registry = createRegistry();
  const { family } = open(registry, { exemplars: () => ({ own: "1" }) });
  followExemplars(registry, () => ({ other: "1" }));
  const series = family.resolve(new Map());
  series.inc();
  assert.deepEqual(family.table.exemplars?.get(series.row)?.labels, {
    own: "1",
  });
});

test("the name has the prefix of the scope, and its labels are known", () => {
  const registry = createRegistry();
  const scope = registry.scope({ prefix: "p_", labels: { region: "eu" } });
  open(scope).inc({ first: "1" });
  assert.deepEqual(rowsOf(registry, "p_x_total"), [["1", 1]]);
  assert.deepEqual(fixedLabelsOf(scope), new Map([["region", "eu"]]));
  assert.equal(fixedLabelsOf({}), undefined);
});
