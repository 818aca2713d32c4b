import assert from "node:assert/strict";
import { test } from "node:test";
import type { Registry } from "../../src/metrics/mod.ts";
import { labelsOf, loose, rejectionsOf, rowsOf, setUp } from "./fixtures.ts";

function requests(registry: Registry) {
  return registry.counter({
    name: "requests_total",
    help: "Requests.",
    labels: ["method", "route", "status"],
  });
}

test("Family.at() returns the same series for the same values", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
  });
  assert.equal(family.at("1|", "2"), family.at("1|", "2"));
  assert.notEqual(family.at("1|", "2"), family.at("1", "|2"));
  assert.notEqual(family.at("", "12"), family.at("12", ""));
  assert.equal(family.size, 4);
});

test("Family.with() finds a series by labels in any order", () => {
  const family = requests(setUp().registry);
  const series = family.with({ method: "GET", route: "/", status: 200 });
  assert.equal(
    family.with({ status: 200, route: "/", method: "GET" }),
    series,
  );
  assert.equal(family.at("GET", "/", 200), series);
  assert.equal(family.size, 1);
});

test("Family.with() records numbers and booleans as text", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["v"],
  });
  for (const value of [0, 1, 200, 999, 1000, -1, 0.5, 1e21, NaN, true, false]) {
    assert.equal(family.with({ v: value }), family.with({ v: String(value) }));
    assert.equal(family.at(value), family.with({ v: value }));
  }
  assert.equal(family.at(-0), family.at("0"));
  assert.equal(family.size, 11);
});

test("Family.with() and at() take a missing label as the empty value", () => {
  const { registry } = setUp();
  const family = loose(registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
  }));
  const series = family.with!({ a: "1", b: "" });
  for (
    const labels of [
      { a: "1" },
      { a: "1", b: null },
      { a: "1", b: undefined },
      { b: undefined, a: 1 },
    ]
  ) assert.equal(family.with!(labels), series);
  assert.equal(family.at!("1"), series);
  assert.equal(family.at!("1", null), series);
  const empty = family.with!({});
  for (const labels of [null, undefined, 5, "ab", []]) {
    assert.equal(family.with!(labels), empty);
  }
  assert.equal(family.at!(), empty);
  assert.deepEqual(labelsOf(registry, "x_total"), [["1", ""], ["", ""]]);
});

test("Family.with() and at() ignore unknown labels", () => {
  const { registry } = setUp();
  const family = loose(registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
  }));
  const series = family.with!({ a: "1" });
  assert.equal(family.with!({ a: "1", b: "2" }), series);
  assert.equal(family.with!({ b: "2", a: "1" }), series);
  assert.equal(family.at!("1", "2", "3"), series);
});

test("Family.with() supports labels named like properties of Object.prototype", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["constructor", "toString", "valueOf"],
  });
  const series = family.at("a", "b", "c");
  assert.equal(
    family.with({ valueOf: "c", toString: "b", constructor: "a" } as never),
    series,
  );
  // An inherited property of that name is not a label value.
  assert.equal(loose(family).with!({}), family.at("", "", ""));
  assert.equal(loose(family).with!({ valueOf: "v" }), family.at("", "", "v"));
});

test("Family.with() and at() take a value without text as the empty value", () => {
  const { registry } = setUp();
  const family = loose(registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
  }));
  const none = family.at!("");
  const stubborn = {
    toString(): string {
      throw new Error("no text");
    },
  };
  for (const value of [stubborn, Object.create(null), () => "f"]) {
    assert.equal(family.at!(value), none);
    assert.equal(family.with!({ a: value }), none);
  }
  assert.equal(family.at!(Symbol("s")), family.at!("Symbol(s)"));
  assert.equal(family.at!({}), family.at!("[object Object]"));
});

test("Family.at() replaces a lone surrogate by U+FFFD, and counts it", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
  });
  family.at("x\ud800", "1").inc();
  assert.deepEqual(rejectionsOf(registry), { label_value: 1 });
  family.with({ b: "1", a: "x\udc00" }).inc();
  family.at("x\ufffd", "1").inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [["x\ufffd", "1", 3]]);
  assert.deepEqual(rejectionsOf(registry), { label_value: 2 });
  assert.equal(family.size, 1);
});

test("Family.bind() of some labels returns the family of the others", () => {
  const { registry } = setUp();
  const family = requests(registry);
  const get = family.bind({ method: "GET" });
  const series = family.at("GET", "/", 200);
  assert.equal(get.at("/", 200), series);
  assert.equal(get.with({ status: 200, route: "/" }), series);
  assert.equal(get.bind({ status: 200 }).at("/"), series);
  assert.equal(get.bind({ status: 200 }).with({ route: "/" }), series);
  const middle = family.bind({ route: "/" });
  assert.equal(middle.at("GET", 200), series);
  assert.equal(middle.with({ method: "GET", status: 200 }), series);
  assert.equal(family.bind({ status: "200" }).at("GET", "/"), series);
});

test("Family.bind() of all labels returns the series", () => {
  const { registry } = setUp();
  const family = requests(registry);
  const series = family.bind({ status: 200, method: "GET", route: "/" });
  series.inc();
  assert.equal(family.at("GET", "/", 200), series);
  const again = family.bind({ method: "GET" }).bind({
    route: "/",
    status: 200,
  });
  assert.equal(again, series);
});

test("Family.bind() of no labels finds the same series", () => {
  const family = requests(setUp().registry);
  assert.equal(family.bind({}).at("a", "b", "c"), family.at("a", "b", "c"));
});

test("Family.bind() creates no series before the last label is bound", () => {
  const { registry } = setUp();
  const family = requests(registry);
  family.bind({ method: "GET" }).bind({ route: "/" });
  assert.equal(family.size, 0);
  assert.deepEqual(rowsOf(registry, "requests_total"), []);
});

test("Family.bind() refuses bound and unknown labels", () => {
  const family = requests(setUp().registry);
  assert.throws(
    () => loose(family.bind({ method: "GET" })).bind!({ method: "PUT" }),
    {
      name: "RangeError",
      message: 'Cannot bind label "method" of "requests_total": ' +
        'give any of "route", "status"',
    },
  );
  assert.throws(() => loose(family).bind!({ verb: "GET" }), /label "verb"/);
  assert.throws(() => loose(family).bind!({ toString: "x" }), /"toString"/);
});

test("Family.with() ignores another value of a bound label", () => {
  const family = requests(setUp().registry);
  const get = loose(family.bind({ method: "GET" }));
  assert.equal(
    get.with!({ method: "PUT", route: "/", status: 1 }),
    family.at("GET", "/", 1),
  );
});

test("Family.remove() removes all series that match, and returns their number", () => {
  const { registry } = setUp();
  const family = requests(registry);
  for (const method of ["GET", "PUT"]) {
    for (const status of [200, 404, 500]) family.at(method, "/", status).inc();
  }
  assert.equal(family.remove({ method: "GET", route: "/", status: 200 }), 1);
  assert.equal(family.remove({ method: "GET", route: "/", status: 200 }), 0);
  assert.equal(family.size, 5);
  assert.equal(family.remove({ status: 404 }), 2);
  assert.equal(family.remove({ method: "PUT" }), 2);
  assert.deepEqual(rowsOf(registry, "requests_total"), [[
    "GET",
    "/",
    "500",
    1,
  ]]);
  assert.equal(family.remove({}), 1);
  assert.equal(family.size, 0);
});

test("Family.remove() of an unknown label removes nothing", () => {
  const family = requests(setUp().registry);
  family.at("GET", "/", 200);
  assert.equal(loose(family).remove!({ verb: "GET" }), 0);
  assert.equal(loose(family).remove!({ method: "GET", verb: "GET" }), 0);
  assert.equal(loose(family).remove!({ toString: "x" }), 0);
  assert.equal(family.size, 1);
});

test("Family.remove() of a bound family removes only its own series", () => {
  const family = requests(setUp().registry);
  family.at("GET", "/", 200);
  family.at("GET", "/", 404);
  family.at("PUT", "/", 404);
  const get = family.bind({ method: "GET" });
  assert.equal(get.size, 2);
  assert.equal(get.remove({ status: 404 }), 1);
  assert.equal(loose(get).remove!({ method: "PUT" }), 0);
  get.clear();
  assert.equal(get.size, 0);
  assert.equal(family.size, 1);
  assert.equal(family.remove({ method: "PUT" }), 1);
});

test("Family.clear() removes every series, and none for good", () => {
  const { registry } = setUp();
  const family = requests(registry);
  for (let i = 0; i < 20; i++) family.at("GET", `/${i}`, 200).inc();
  family.clear();
  assert.equal(family.size, 0);
  assert.deepEqual(rowsOf(registry, "requests_total"), []);
  family.at("GET", "/1", 200).inc(5);
  assert.deepEqual(rowsOf(registry, "requests_total"), [[
    "GET",
    "/1",
    "200",
    5,
  ]]);
});

test("Family supports forty labels", () => {
  const { registry } = setUp();
  const labels = Array.from({ length: 40 }, (_, i) => `label_${i}`);
  const family = registry.counter({ name: "x_total", help: "X.", labels });
  const values = labels.map((_, i) => `value ${i}`);
  const series = family.at(...values);
  const entries = labels.map((name, i) => [name, values[i]!] as const);
  assert.equal(family.with(Object.fromEntries(entries)), series);
  assert.equal(family.with(Object.fromEntries(entries.toReversed())), series);
  for (let i = 0; i < 40; i++) family.at(...values.with(i, "other"));
  assert.equal(family.size, 41);
  assert.equal(family.at(...values), series);
  assert.equal(family.remove({ label_39: "other" }), 1);
});

test("Family.bind() respects a bound label between unbound ones", () => {
  const { registry } = setUp();
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b", "c"],
  });
  family.at("1", "", "3").inc(5);
  family.bind({ b: "x" }).with({ a: "1", c: "3" }).inc();
  family.bind({ b: "x" }).at("1", "3").inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [
    ["1", "", "3", 5],
    ["1", "x", "3", 2],
  ]);
});
