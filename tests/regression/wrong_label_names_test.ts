// Misspelt, missing and extra labels were recorded without a word: a series with
// an empty label, and nothing that told why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loose, rejectionsOf, rowsOf, setUp } from "../metrics/fixtures.ts";

const X = {
  name: "x_total",
  help: "X.",
  labels: ["method", "status"],
} as const;

/** Calls with wrong labels. */
const WRONG: readonly (readonly ["with" | "at", ...unknown[]])[] = [
  ["with", { method: "GET", sattus: 200 }],
  ["with", { method: "GET" }],
  ["with", {}],
  ["with"],
  ["with", null],
  ["with", "GET"],
  ["with", { method: "GET", status: 200, route: "/" }],
  ["at", "GET"],
  ["at"],
  ["at", "GET", 200, "/"],
  ["at", "GET", 200, "/", 1],
];

test("Family.with() and at() count wrong labels, and record the value", () => {
  for (const [method, ...given] of WRONG) {
    const { registry } = setUp();
    const family = loose(registry.counter(X));
    loose(family[method]!(...given)).inc!();
    assert.deepEqual(rejectionsOf(registry), { label_name: 1 });
    assert.equal(rowsOf(registry, "x_total").length, 1);
  }
});

test("Family.with() and at() count each call without one of the labels", () => {
  const { registry } = setUp();
  const family = loose(registry.counter(X));
  for (let i = 0; i < 3; i++) loose(family.with!({ method: "GET" })).inc!();
  loose(family.at!("GET")).inc!();
  assert.deepEqual(rejectionsOf(registry), { label_name: 4 });
  assert.deepEqual(rowsOf(registry, "x_total"), [["GET", "", 4]]);
});

test("Family.with() of a strict registry throws on wrong labels in each call", () => {
  const { registry } = setUp({ strict: true });
  const family = registry.counter(X);
  family.with({ method: "GET", status: 200 }).inc();
  family.at("GET", 200).inc();
  for (const [method, ...given] of WRONG) {
    assert.throws(() => loose(family)[method]!(...given), {
      name: "RangeError",
      message: /^Cannot record .*"x_total": label name, .*\(method, status\)$/,
    });
  }
  assert.throws(
    () => loose(family.bind({ method: "GET" })).with!({ method: "GET" }),
    /label name/,
  );
  assert.deepEqual(rowsOf(registry, "x_total"), [["GET", "200", 2]]);
});

test("Family.with() accepts undefined and inherited labels", () => {
  class Labels {
    get method(): string {
      return "GET";
    }
    status = undefined;
  }
  const { registry } = setUp({ strict: true });
  loose(registry.counter(X)).with!(new Labels());
  assert.deepEqual(rowsOf(registry, "x_total"), [["GET", "", 0]]);
});

test("labels that all objects inherit are missing unless given", () => {
  const { registry } = setUp();
  const labels = ["constructor", "valueOf"] as const;
  const family = registry.counter({ ...X, labels });
  loose(family).with!({});
  assert.deepEqual(rejectionsOf(registry), { label_name: 1 });
  family.with({ constructor: "a", valueOf: "b" } as never);
  assert.deepEqual(rowsOf(registry, "x_total"), [["", "", 0], ["a", "b", 0]]);
});

test("known and init() refuse wrong labels and values", () => {
  const { registry } = setUp();
  const options = { ...X, values: { status: ["ok"] } } as const;
  const family = registry.counter(options);
  const refused: [unknown, RegExp][] = [
    [[{ method: "GET" }], /label "status" is missing in {"method":"GET"}$/],
    [[null], /label "method" is missing in null$/],
    [
      [{ method: "GET", status: "ok", route: "/" }],
      /there is no label "route"; give method, status$/,
    ],
    [
      [{ method: "GET", status: "no" }],
      /"no" is not a value of label "status"; give any of ok$/,
    ],
    [
      { method: ["GET"], status: ["ok"], route: ["/"] },
      /there is no label "route"/,
    ],
    [{ method: ["GET"], status: ["no"] }, /"no" is not a value of label/],
  ];
  for (const [series, message] of refused) {
    assert.throws(() => loose(family).init!(series), {
      name: "RangeError",
      message,
    });
    if (!Array.isArray(series)) continue;
    const fresh = setUp().registry;
    assert.throws(
      () => loose(fresh).counter!({ ...options, known: series }),
      message,
    );
    assert.deepEqual(rowsOf(fresh, "x_total"), []);
  }
  assert.equal(family.size, 0);
});

test("scope() refuses a prefix and labels that no declaration may have", () => {
  const { registry } = setUp();
  for (const prefix of ["a-", "_a", "1", "a:", "é"]) {
    assert.throws(() => registry.scope({ prefix }), {
      name: "RangeError",
      message: /^Cannot make a scope: with prefix .*try "/,
    });
  }
  for (const label of ["a-b", "_a", "", "1"]) {
    assert.throws(() => registry.scope({ labels: { [label]: 1 } }), {
      name: "RangeError",
      message: /^Cannot make a scope: label .*try "/,
    });
  }
  const dotted = registry.scope({ prefix: "a.", names: "utf-8" });
  dotted.counter({ name: "x_total", help: "X." });
  const zone = registry.scope({ labels: { zone: undefined } });
  zone.counter({ name: "y_total", help: "Y." }).inc();
  assert.deepEqual(rowsOf(registry, "y_total"), [[1]]);
});
