import assert from "node:assert/strict";
import { test } from "node:test";
import { capture } from "../../src/model/mod.ts";
import { familyOf, loose, rowsOf, setUp } from "./fixtures.ts";

function declare() {
  const { registry, clock } = setUp();
  const hits = registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
    expireAfter: 60,
  });
  /** Advances the clock and scrapes. */
  const scrape = (seconds: number) => {
    clock.advance(seconds);
    return rowsOf(registry, "hits_total");
  };
  return { registry, clock, hits, scrape };
}

test("expireAfter removes a series that has recorded nothing for that time", () => {
  const { hits, scrape } = declare();
  hits.at("a").inc();
  assert.deepEqual(scrape(15), [["a", 1]]);
  assert.deepEqual(scrape(59), [["a", 1]]);
  assert.deepEqual(scrape(1), []);
  assert.equal(hits.size, 0);
});

test("expireAfter keeps a series that records", () => {
  const { hits, scrape } = declare();
  for (let i = 1; i <= 20; i++) {
    hits.at("a").inc();
    assert.deepEqual(scrape(45), [["a", i]]);
  }
});

test("expireAfter keeps a series that records zero", () => {
  const { hits, scrape } = declare();
  for (let i = 0; i < 5; i++) {
    hits.at("a").inc(0);
    assert.deepEqual(scrape(45), [["a", 0]]);
  }
});

test("expireAfter removes a series that is only looked up or read", () => {
  const { hits, scrape } = declare();
  const held = hits.at("a");
  scrape(0);
  for (let i = 0; i < 2; i++) {
    scrape(29);
    assert.equal(hits.at("a").value, 0);
    assert.equal(held.value, 0);
  }
  assert.deepEqual(scrape(2), []);
});

test("expireAfter removes a series whose steps are rejected", () => {
  const { hits, scrape } = declare();
  const held = hits.at("a");
  scrape(0);
  for (let i = 0; i < 3; i++) {
    scrape(20);
    held.inc(NaN);
    loose(held).inc!("5");
  }
  assert.deepEqual(scrape(0), []);
});

test("expireAfter removes nothing between two scrapes", () => {
  const { hits, scrape } = declare();
  hits.at("a").inc();
  scrape(0);
  hits.at("a").inc(); // must find the same series at any time
  assert.deepEqual(scrape(10_000), [["a", 2]]);
});

test("expireAfter counts time, not scrapes", () => {
  const { hits, scrape } = declare();
  hits.at("a").inc();
  for (let i = 0; i < 10; i++) assert.deepEqual(scrape(0), [["a", 1]]);
  for (let i = 0; i < 59; i++) assert.deepEqual(scrape(1), [["a", 1]]);
});

test("Counter.value of a held series survives its expiry", () => {
  const { hits, scrape } = declare();
  const held = hits.at("a");
  held.inc(5);
  scrape(0);
  scrape(100);
  assert.equal(hits.size, 0);
  assert.equal(held.value, 5);
});

test("Counter.inc() of an expired series continues from its value and start", () => {
  const { registry, hits, scrape, clock } = declare();
  const held = hits.at("a");
  held.inc(5);
  const start = familyOf(registry, "hits_total")!.starts[0];
  scrape(0);
  assert.deepEqual(scrape(100), []);
  hits.at("b").inc(7); // in the row that was freed
  clock.advance(10);
  held.inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [["b", 7], ["a", 6]]);
  assert.equal(familyOf(registry, "hits_total")!.starts[1], start);
  assert.equal(hits.at("a"), held);
});

test("Family.at() of an expired label set starts at zero", () => {
  const { registry, hits, scrape } = declare();
  hits.at("a").inc(5);
  scrape(0);
  scrape(100);
  hits.at("a").inc();
  const family = familyOf(registry, "hits_total")!;
  assert.deepEqual(family.numbers, Float64Array.of(1));
  assert.deepEqual(family.starts, Float64Array.of(1_700_000_100));
});

test("Counter.inc() on either of two handles of a label set makes them one series", () => {
  for (const firstToRecord of ["old", "new"] as const) {
    const { hits, scrape } = declare();
    const old = hits.at("a");
    old.inc(5);
    scrape(0);
    scrape(100);
    const fresh = hits.at("a");
    (firstToRecord === "old" ? old : fresh).inc();
    assert.equal(old.value, fresh.value);
    old.inc(10);
    fresh.inc(100);
    assert.equal(old.value, fresh.value);
    assert.deepEqual(scrape(0), [["a", fresh.value]]);
  }
});

test("expireAfter makes room for another series", () => {
  const { registry, clock } = setUp();
  const hits = registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
    expireAfter: 60,
    maxSeries: 1,
  });
  hits.at("a").inc();
  capture(registry);
  clock.advance(60);
  capture(registry);
  hits.at("b").inc();
  assert.deepEqual(rowsOf(registry, "hits_total"), [["b", 1]]);
});

test("expireAfter removes a series without labels until it records again", () => {
  const { registry, clock } = setUp();
  const gauge = registry.gauge({ name: "x", help: "X.", expireAfter: 60 });
  gauge.set(5);
  capture(registry);
  clock.advance(60);
  assert.deepEqual(rowsOf(registry, "x"), []);
  assert.equal(gauge.value, 5);
  gauge.inc();
  assert.deepEqual(rowsOf(registry, "x"), [[6]]);
});

test("expireAfter keeps the state of histograms, summaries and statesets", () => {
  const { registry, clock } = setUp();
  const common = { help: "X.", labels: ["a"], expireAfter: 60 } as const;
  const histogram = registry.histogram({
    ...common,
    name: "h",
    buckets: [1, 2],
  }).at("x");
  const summary = registry.summary({ ...common, name: "s" }).at("x");
  const phase = registry.stateSet({
    ...common,
    name: "p",
    states: ["on", "off"],
  }).at("x");
  histogram.observe(1.5);
  histogram.observe(9);
  summary.observe(4);
  phase.set("off");
  capture(registry);
  clock.advance(60);
  capture(registry);
  assert.deepEqual(rowsOf(registry, "p"), []);
  assert.equal(histogram.count, 2);
  assert.equal(histogram.sum, 10.5);
  assert.equal(summary.sum, 4);
  assert.deepEqual(phase.active, ["off"]);
  histogram.observe(0.5);
  summary.observe(1);
  phase.toggle("on", true);
  assert.deepEqual(
    familyOf(registry, "h")!.histograms[0]!.counts,
    Float64Array.of(1, 1, 1),
  );
  assert.equal(familyOf(registry, "s")!.summaries[0]!.sum, 5);
  assert.deepEqual(rowsOf(registry, "p"), [["x", "on", 1], ["x", "off", 1]]);
});

test("expireAfter is never by default", () => {
  const { registry, clock } = setUp();
  registry.counter({ name: "x_total", help: "X.", labels: ["a"] }).at("1");
  capture(registry);
  clock.advance(1e9);
  assert.deepEqual(rowsOf(registry, "x_total"), [["1", 0]]);
});

test("a large family is checked for idle series in steps", () => {
  const { registry, clock } = setUp();
  const family = registry.counter({
    name: "hits_total",
    help: "Hits.",
    labels: ["page"],
    expireAfter: 60,
    maxSeries: 20_000,
  });
  for (let i = 0; i < 20_000; i++) family.at(i).inc();
  const { rows } = [...registry.parts][0]!;
  assert.ok([...rows!.opening!()].length >= 3);
  clock.advance(60);
  const steps = rows!.opening!();
  steps.next();
  family.at(19_999).inc(); // between two steps
  steps.next();
  assert.ok(family.size < 20_000 && family.size > 1, `${family.size} are left`);
  for (const _ of steps);
  assert.equal(family.size, 1);
  assert.equal(family.at(19_999).value, 2);
});
