import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import {
  labelsOf,
  loose,
  namesOf,
  rejectionsOf,
  rowsOf,
  setUp,
  valueOf,
} from "./fixtures.ts";

const X = { name: "x_total", help: "X." } as const;

test("Registry.scope() adds its prefix to every name", () => {
  const { registry } = setUp();
  registry.scope({ prefix: "shop_" }).counter(X);
  registry.scope({ prefix: "shop_" }).counter({ ...X, namespace: "cart" });
  assert.deepEqual(namesOf(registry), ["shop_x_total", "shop_cart_x_total"]);
});

test("Registry.scope() adds its labels to every series, before its own", () => {
  const { registry } = setUp();
  const scope = registry.scope({ labels: { app: "shop", zone: 7 } });
  scope.counter({ ...X, labels: ["page"] }).at("/").inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [["shop", "7", "/", 1]]);
  assert.deepEqual(
    capture(registry).families[0]!.desc.labelNames,
    ["app", "zone", "page"],
  );
});

test("Registry.scope() declares a family without labels as one series", () => {
  const { registry } = setUp();
  const counter = registry.scope({ labels: { app: "shop" } }).counter(X);
  counter.inc(2);
  assert.deepEqual(rowsOf(registry, "x_total"), [["shop", 2]]);
});

test("Registry.scope() of a scope adds to it, and overrides label values", () => {
  const { registry } = setUp();
  const outer = registry.scope({ prefix: "a_", labels: { x: "1", y: "1" } });
  const inner = outer.scope({ prefix: "b_", labels: { y: "2", z: "2" } });
  inner.counter({ name: "c_total", help: "C." }).inc();
  assert.deepEqual(rowsOf(registry, "a_b_c_total"), [["1", "2", "2", 1]]);
  outer.counter({ name: "d_total", help: "D." });
  assert.deepEqual(rowsOf(registry, "a_d_total"), [["1", "1", 0]]);
});

test("Registry.scope() shares a family among scopes with different label values", () => {
  const { registry } = setUp();
  const options = { ...X, labels: ["page"] } as const;
  const first = registry.scope({ labels: { app: "one" } }).counter(options);
  const second = registry.scope({ labels: { app: "two" } }).counter(options);
  first.at("/").inc(1);
  second.at("/").inc(2);
  assert.deepEqual(namesOf(registry), ["x_total"]);
  assert.deepEqual(rowsOf(registry, "x_total"), [
    ["one", "/", 1],
    ["two", "/", 2],
  ]);
  assert.equal(first.size, 1);
  first.clear();
  assert.deepEqual(rowsOf(registry, "x_total"), [["two", "/", 2]]);
});

test("Registry.scope() cannot share a family among scopes with different labels", () => {
  const { registry } = setUp();
  registry.scope({ labels: { app: "one" } }).counter(X);
  assert.throws(() => registry.scope({ labels: { zone: "1" } }).counter(X), {
    name: "FamilyConflictError",
    message: /with labels \["app"\] and not \["zone"\]/,
  });
  assert.throws(
    () => registry.counter(X),
    /with labels \["app"\] and not \[\]/,
  );
});

test("Registry.scope() hides its labels from with(), bind() and remove()", () => {
  const { registry } = setUp();
  const family = registry.scope({ labels: { app: "one" } })
    .counter({ ...X, labels: ["page"] });
  family.at("/").inc();
  assert.equal(loose(family).with!({ app: "two", page: "/" }), family.at("/"));
  assert.throws(
    () => loose(family).bind!({ app: "two" }),
    /give any of "page"/,
  );
  assert.equal(loose(family).remove!({ app: "one" }), 0);
  assert.equal(family.size, 1);
});

test("Registry.scope() refuses a declaration that repeats one of its labels", () => {
  const { registry } = setUp();
  const scope = registry.scope({ labels: { app: "one" } });
  assert.throws(
    () => scope.counter({ ...X, labels: ["app"] }),
    /label "app" is given twice/,
  );
});

test("Registry.scope() refuses a declaration if its label or prefix is illegal", () => {
  const { registry } = setUp();
  assert.throws(
    () => registry.scope({ labels: { "a-b": "1" } }).counter(X),
    /label "a-b" .*try "a_b"/,
  );
  assert.throws(
    () => registry.scope({ prefix: "a-" }).counter(X),
    /"a-x_total".*try "a_x_total"/,
  );
  assert.deepEqual(namesOf(registry), []);
});

test("Registry.scope() adds its labels to every kind", () => {
  const { registry } = setUp();
  const scope = registry.scope({ prefix: "s_", labels: { app: "one" } });
  scope.gauge({ name: "g", help: "G." }).set(1);
  scope.histogram({ name: "h", help: "H." }).observe(1);
  scope.summary({ name: "s", help: "S." }).observe(1);
  scope.info({ name: "i_info", help: "I.", labels: ["v"] }).set({ v: "1" });
  scope.stateSet({ name: "p", help: "P.", states: ["on"] }).set("on");
  scope.callbackGauge({
    name: "c",
    help: "C.",
    labels: ["q"],
    read: (report) => report(5, { q: "mail" }),
  });
  assert.deepEqual(rowsOf(registry, "s_g"), [["one", 1]]);
  assert.deepEqual(labelsOf(registry, "s_h"), [["one"]]);
  assert.deepEqual(labelsOf(registry, "s_s"), [["one"]]);
  assert.deepEqual(rowsOf(registry, "s_i_info"), [["one", "1", 1]]);
  assert.deepEqual(rowsOf(registry, "s_p"), [["one", "on", 1]]);
  assert.deepEqual(rowsOf(registry, "s_c"), [["one", "mail", 5]]);
});

test("Registry.scope() supports closed value sets and known label sets", () => {
  const { registry } = setUp();
  const scope = registry.scope({ labels: { app: "one" } });
  const family = scope.counter({
    ...X,
    labels: ["outcome"],
    values: { outcome: ["done", "failed"] },
    known: "all",
  });
  assert.deepEqual(labelsOf(registry, "x_total"), [
    ["one", "done"],
    ["one", "failed"],
  ]);
  loose(family).at!("other");
  assert.deepEqual(rejectionsOf(registry), { label_value: 1 });
});

test("Registry.scope() returns a source of the whole registry", () => {
  const { registry } = setUp();
  const scope = registry.scope({ prefix: "s_" });
  registry.gauge({ name: "a", help: "A." });
  scope.gauge({ name: "b", help: "B." });
  assert.deepEqual(namesOf(scope), ["a", "s_b"]);
  assert.deepEqual(scope.descs, registry.descs);
});

test("Registry.scope().unregister() expects the name with the prefix", () => {
  const { registry } = setUp();
  const scope = registry.scope({ prefix: "s_" });
  scope.counter(X);
  assert.equal(scope.unregister("x_total"), false);
  assert.equal(scope.unregister("s_x_total"), true);
  assert.deepEqual(namesOf(registry), []);
});

test("Registry.scope() without options declares on the registry", () => {
  const { registry } = setUp();
  assert.equal(registry.scope({}).counter(X), registry.counter(X));
  registry.counter(X).inc();
  assert.equal(valueOf(registry.scope({}), "x_total"), 1);
});
