import assert from "node:assert/strict";
import { test } from "node:test";
import { capture, type ScrapeReport } from "../../src/model/mod.ts";
import { observerOf } from "../../src/model/internal.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";
import {
  failuresOf,
  labelsOf,
  overflowsOf,
  rejectionsOf,
  rowsOf,
  setUp,
} from "./fixtures.ts";

test("SelfMetrics expose every reason at zero from the start", () => {
  const { registry } = setUp();
  assert.deepEqual(rowsOf(registry, "barograph_rejected_observations_total"), [
    ["negative", 0],
    ["not_a_number", 0],
    ["infinite", 0],
    ["label_name", 0],
    ["label_value", 0],
    ["exemplar", 0],
  ]);
  assert.deepEqual(rowsOf(registry, "barograph_series_overflows_total"), []);
  assert.deepEqual(rowsOf(registry, "barograph_source_failures_total"), []);
});

test("SelfMetrics are exposed last", () => {
  const { registry } = setUp();
  registry.gauge({ name: "a", help: "A." });
  const names = capture(registry).families.map(({ desc }) => desc.name);
  assert.deepEqual(names, [
    "a",
    "barograph_rejected_observations_total",
    "barograph_series_overflows_total",
    "barograph_source_failures_total",
    "barograph_scrapes_total",
    "barograph_scrape_duration_seconds",
    "barograph_scrape_size_bytes",
    "barograph_scrape_blocked_seconds",
  ]);
});

test("SelfMetrics.scraped() counts scrapes by outcome, and their cost", () => {
  const { registry } = setUp();
  const observer = observerOf(registry)!;
  const report: ScrapeReport = {
    outcome: "served",
    seconds: 2,
    blocked: 0.5,
    bytes: 100,
  };
  observer.scraped!(report);
  observer.scraped!({ ...report, outcome: "abandoned", blocked: 0.25 });
  observer.scraped!({ ...report, outcome: "refused", blocked: 9, bytes: 9 });
  assert.deepEqual(rowsOf(registry, "barograph_scrapes_total"), [
    ["served", 1],
    ["abandoned", 1],
    ["refused", 1],
  ]);
  assert.equal(valueOf(registry, "barograph_scrape_blocked_seconds"), 0.25);
  const { count, sum } = distributionOf(
    registry,
    "barograph_scrape_size_bytes",
  )!;
  assert.deepEqual([count, sum], [2, 200]);
});

test("createRegistry() with selfMetrics: false exposes no self-metrics", () => {
  const { registry } = setUp({ selfMetrics: false });
  registry.counter({ name: "x_total", help: "X." }).inc(-1);
  const names = capture(registry).families.map(({ desc }) => desc.name);
  assert.deepEqual(names, ["x_total"]);
  assert.deepEqual(registry.descs.map(({ name }) => name), ["x_total"]);
});

test("SelfMetrics.reject() counts rejections by reason", () => {
  const { registry } = setUp();
  const counter = registry.counter({ name: "x_total", help: "X." });
  counter.inc(-1);
  counter.inc(-1);
  counter.inc(NaN);
  counter.inc(Infinity);
  counter.inc(1, { "a-b": "" });
  registry.gauge({ name: "g", help: "G.", labels: ["a"] }).at("\ud800");
  assert.deepEqual(rejectionsOf(registry), {
    negative: 2,
    not_a_number: 1,
    infinite: 1,
    label_value: 1,
    exemplar: 1,
  });
});

test("SelfMetrics.overflow() counts overflows by family", () => {
  const { registry } = setUp();
  const options = { help: "X.", labels: ["a"], maxSeries: 1 } as const;
  const families = [
    registry.counter({ ...options, name: "c_total" }),
    registry.gauge({ ...options, name: "g" }),
    registry.histogram({ ...options, name: "h" }),
    registry.summary({ ...options, name: "s" }),
    registry.stateSet({ ...options, name: "p", states: ["on"] }),
  ];
  for (const family of families) for (let i = 0; i < 3; i++) family.at(i);
  assert.deepEqual(overflowsOf(registry), {
    c_total: 2,
    g: 2,
    h: 2,
    s: 2,
    p: 2,
  });
});

test("SelfMetrics.failed() counts a failure that the same pass exposes", () => {
  const { registry } = setUp();
  registry.callbackGauge({
    name: "x",
    help: "X.",
    read(): void {
      throw new Error("no answer");
    },
  });
  assert.deepEqual(failuresOf(registry), { x: 1 });
  assert.deepEqual(failuresOf(registry), { x: 2 });
});

test("SelfMetrics.failed() counts sources beyond 1000 in one series", () => {
  const { registry } = setUp();
  for (let i = 0; i < 1001; i++) {
    registry.callbackGauge({
      name: `x_${i}`,
      help: "X.",
      read(): void {
        throw new Error("no answer");
      },
    });
  }
  const series = labelsOf(registry, "barograph_source_failures_total");
  assert.equal(series.length, 1001);
  assert.deepEqual(series.at(-1), ["overflow"]);
  assert.deepEqual(overflowsOf(registry), {});
});
