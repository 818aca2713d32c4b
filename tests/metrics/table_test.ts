import assert from "node:assert/strict";
import { test } from "node:test";
import type { Registry } from "../../src/metrics/mod.ts";
import {
  labelsOf,
  loose,
  overflowsOf,
  rejectionsOf,
  rowsOf,
  setUp,
} from "./fixtures.ts";

function pages(registry: Registry, maxSeries: number) {
  return registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
    maxSeries,
  });
}

function closed(registry: Registry) {
  return registry.counter({
    name: "jobs_total",
    help: "Jobs.",
    labels: ["queue", "outcome"],
    values: { outcome: ["done", "failed", 7] },
  });
}

test("further label sets go to one overflow series and are counted", () => {
  const { registry } = setUp();
  const hits = pages(registry, 2);
  for (const page of ["a", "b", "c", "d", "c", "a"]) hits.at(page).inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [
    ["a", 2],
    ["b", 1],
    ["overflow", 3],
  ]);
  assert.deepEqual(overflowsOf(registry), { hits_total: 3 });
  assert.equal(hits.size, 2);
  assert.deepEqual(rejectionsOf(registry), {});
});

test("every label of the overflow series is overflow, also bound ones", () => {
  const { registry } = setUp();
  const family = registry.scope({ labels: { app: "shop" } }).counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
    maxSeries: 1,
  });
  family.at("1", "1");
  family.bind({ a: "2" }).at("2").inc();
  assert.deepEqual(labelsOf(registry, "x_total").at(-1), [
    "overflow",
    "overflow",
    "overflow",
  ]);
});

test("a family of maxSeries 1 has one series and its overflow", () => {
  const { registry } = setUp();
  const hits = pages(registry, 1);
  for (let i = 0; i < 100; i++) hits.at(String(i)).inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [
    ["0", 1],
    ["overflow", 99],
  ]);
});

test("a removed series makes room for a new one", () => {
  const { registry } = setUp();
  const hits = pages(registry, 2);
  hits.at("a").inc();
  hits.at("b").inc();
  hits.at("c").inc();
  hits.remove({ page: "a" });
  hits.at("c").inc();
  assert.deepEqual(
    rowsOf(registry, "hits_total").toSorted(),
    [["b", 1], ["c", 1], ["overflow", 1]],
  );
});

test("an ordinary series of the value overflow becomes the overflow series", () => {
  const { registry } = setUp();
  const hits = pages(registry, 2);
  const named = hits.at("overflow");
  named.inc();
  hits.at("a").inc();
  assert.equal(hits.size, 2);
  const taken = hits.at("b");
  assert.equal(taken, named);
  taken.inc();
  assert.equal(hits.size, 1); // it counts no longer, so there is room
  hits.at("c").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [
    ["overflow", 2],
    ["a", 1],
    ["c", 1],
  ]);
});

test("a removed overflow series is created again when needed", () => {
  const { registry } = setUp();
  const hits = pages(registry, 1);
  hits.at("a").inc();
  hits.at("b").inc(5);
  assert.equal(hits.remove({ page: "overflow" }), 1);
  assert.equal(hits.size, 1);
  hits.at("b").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [["a", 1], ["overflow", 1]]);
  hits.clear();
  assert.equal(hits.size, 0);
  hits.at("b").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [["b", 1]]);
});

test("maxSeries is 10 000 by default", () => {
  const { registry } = setUp();
  const hits = registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
  });
  for (let i = 0; i < 10_003; i++) hits.at(i);
  assert.equal(hits.size, 10_000);
  assert.deepEqual(overflowsOf(registry), { hits_total: 3 });
});

test("a strict registry does not throw when a family overflows", () => {
  const { registry } = setUp({ strict: true });
  const hits = pages(registry, 1);
  hits.at("a").inc();
  hits.at("b").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [["a", 1], ["overflow", 1]]);
});

test("a value outside a closed set goes to the overflow series", () => {
  const { registry } = setUp();
  const jobs = loose(closed(registry));
  loose(jobs.at!("mail", "done")).inc!();
  loose(jobs.at!("mail", "dnoe")).inc!();
  loose(jobs.with!({ queue: "mail", outcome: "" })).inc!();
  loose(jobs.with!({ queue: "mail" })).inc!();
  loose(jobs.at!("mail", "toString")).inc!();
  loose(jobs.at!("mail", 7)).inc!();
  loose(jobs.at!("mail", "7")).inc!();
  assert.deepEqual(rowsOf(registry, "jobs_total"), [
    ["mail", "done", 1],
    ["overflow", "overflow", 4],
    ["mail", "7", 2],
  ]);
  assert.deepEqual(rejectionsOf(registry), { label_value: 4 });
  assert.deepEqual(overflowsOf(registry), {});
});

test("a strict registry throws on a value outside a closed set", () => {
  const { registry } = setUp({ strict: true });
  const jobs = loose(closed(registry));
  assert.throws(() => jobs.at!("mail", "dnoe"), {
    name: "RangeError",
    message: 'Cannot record dnoe in counter "jobs_total": label value, ' +
      "give well-formed text, and for a closed label a listed value",
  });
  assert.equal(jobs.size, 0);
});

test("the closed set of a declaration is copied", () => {
  const { registry } = setUp();
  const values = { a: ["x", "y"] };
  const family = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a"],
    values,
  });
  values.a.push("z");
  family.at("z").inc();
  assert.deepEqual(rowsOf(registry, "x_total"), [["overflow", 1]]);
});

test("a removed series that is held starts again from zero", () => {
  const { registry, clock } = setUp();
  const hits = pages(registry, 10);
  const held = hits.at("a");
  held.inc(5);
  hits.remove({ page: "a" });
  assert.equal(held.value, 0);
  assert.deepEqual(rowsOf(registry, "hits_total"), []);
  clock.advance(5);
  held.inc(2);
  assert.equal(held.value, 2);
  assert.deepEqual(rowsOf(registry, "hits_total"), [["a", 2]]);
  assert.equal(hits.at("a"), held);
});

test("a removed series records its own labels, not those of its former row", () => {
  const { registry } = setUp();
  const hits = pages(registry, 10);
  const a = hits.at("a");
  a.inc(1);
  hits.remove({ page: "a" });
  const b = hits.at("b"); // in the row that a had
  b.inc(10);
  a.inc(100);
  assert.equal(a.value, 100);
  assert.equal(b.value, 10);
  assert.deepEqual(rowsOf(registry, "hits_total"), [["b", 10], ["a", 100]]);
});

test("two handles of one label set are one series", () => {
  const { registry } = setUp();
  const hits = pages(registry, 10);
  const before = hits.at("a");
  hits.clear();
  const after = hits.at("a");
  before.inc(1);
  after.inc(10);
  before.inc(100);
  assert.equal(before.value, 111);
  assert.equal(after.value, 111);
  assert.deepEqual(rowsOf(registry, "hits_total"), [["a", 111]]);
});

test("a removed series that records in a full family overflows", () => {
  const { registry } = setUp();
  const hits = pages(registry, 1);
  const a = hits.at("a");
  hits.remove({ page: "a" });
  hits.at("b").inc();
  a.inc(3);
  assert.deepEqual(rowsOf(registry, "hits_total"), [["b", 1], ["overflow", 3]]);
  assert.equal(a.value, 0);
  hits.remove({ page: "b" });
  a.inc(4);
  assert.equal(a.value, 4);
});

test("reading a removed series does not create it", () => {
  const { registry } = setUp();
  const hits = pages(registry, 10);
  const held = hits.at("a");
  hits.clear();
  assert.equal(held.value, 0);
  assert.equal(hits.size, 0);
});
