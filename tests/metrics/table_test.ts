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

test("maxSeries counts further label sets and records them in one overflow series", () => {
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

test("maxSeries sets every label of the overflow series to overflow, also bound ones", () => {
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

test("maxSeries of 1 permits one series and the overflow series", () => {
  const { registry } = setUp();
  const hits = pages(registry, 1);
  for (let i = 0; i < 100; i++) hits.at(String(i)).inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [
    ["0", 1],
    ["overflow", 99],
  ]);
});

test("Family.remove() makes room for a new series", () => {
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

test("maxSeries keeps a series named overflow apart from the overflow series", () => {
  const { registry } = setUp();
  const hits = pages(registry, 2);
  const named = hits.at("overflow");
  named.inc();
  hits.at("a").inc();
  hits.at("b").inc(5);
  assert.equal(hits.at("overflow"), named);
  assert.equal(hits.size, 2);
  assert.deepEqual(rowsOf(registry, "hits_total"), [
    ["overflow", 1],
    ["a", 1],
    ["overflow_2", 5],
  ]);
});

test("maxSeries renames the overflow series once a series needs its name", () => {
  const { registry } = setUp();
  const hits = pages(registry, 1);
  hits.at("a").inc();
  hits.at("overflow").inc(5); // there is no room: in the overflow series
  assert.deepEqual(rowsOf(registry, "hits_total"), [["a", 1], ["overflow", 5]]);
  hits.remove({ page: "a" });
  hits.at("overflow").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [
    ["overflow", 1],
    ["overflow_2", 5],
  ]);
});

test("maxSeries creates a removed overflow series again if needed", () => {
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

test("maxSeries does not throw in a strict registry", () => {
  const { registry } = setUp({ strict: true });
  const hits = pages(registry, 1);
  hits.at("a").inc();
  hits.at("b").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [["a", 1], ["overflow", 1]]);
});

test("Family.at() records a value outside a closed set in the overflow series", () => {
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
  assert.deepEqual(rejectionsOf(registry), { label_name: 1, label_value: 4 });
  assert.deepEqual(overflowsOf(registry), {});
});

test("Family.at() throws on a value outside a closed set in a strict registry", () => {
  const { registry } = setUp({ strict: true });
  const jobs = loose(closed(registry));
  assert.throws(() => jobs.at!("mail", "dnoe"), {
    name: "RangeError",
    message: 'Cannot record in counter "jobs_total": label "outcome" is ' +
      '"dnoe"; give "done" or "failed" or "7"',
  });
  assert.equal(jobs.size, 0);
});

test("counter() copies the closed sets", () => {
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

test("Counter.inc() of a removed series starts again from zero", () => {
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

test("Counter.inc() of a removed series does not write into its former row", () => {
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

test("Counter.inc() on two handles of a label set records one series", () => {
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

test("Counter.inc() of a removed series overflows if the family is full", () => {
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

test("Counter.value of a removed series does not create it", () => {
  const { registry } = setUp();
  const hits = pages(registry, 10);
  const held = hits.at("a");
  hits.clear();
  assert.equal(held.value, 0);
  assert.equal(hits.size, 0);
});
