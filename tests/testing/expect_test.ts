import assert from "node:assert/strict";
import { test } from "node:test";
import { openMetrics, prometheusText } from "../../src/encode/mod.ts";
import { createRegistry, defaultRegistry } from "../../src/metrics/mod.ts";
import {
  capture,
  familyDesc,
  replay,
  type Source,
} from "../../src/model/mod.ts";
import {
  changeOf,
  distributionOf,
  expositionOf,
  type ExpositionOptions,
  lint,
  poison,
  valueOf,
} from "../../src/testing/mod.ts";

function setUp() {
  const registry = createRegistry();
  const counter = registry.counter({
    name: "x_total",
    help: "X.",
    labels: ["a", "b"],
  });
  counter.with({ a: 1, b: true }).inc(3);
  counter.with({ a: "", b: "y" }).inc(4);
  registry.histogram({ name: "h", help: "H.", buckets: [1, 2] })
    .observe(2, 3);
  registry.summary({ name: "s", help: "S.", quantiles: [0.5] }).observe(2);
  return { registry, counter };
}

test("valueOf() returns the value of a series; an omitted label is empty", () => {
  const { registry } = setUp();
  assert.equal(valueOf(registry, "x_total", { a: 1, b: true }), 3);
  assert.equal(valueOf(registry, "x_total", { a: "1", b: "true" }), 3);
  assert.equal(valueOf(registry, "x_total", { b: "y" }), 4);
  assert.equal(valueOf(registry, "x_total", { b: "y", a: "" }), 4);
  assert.equal(valueOf(registry, "x_total", { a: 2, b: "y" }), undefined);
  assert.equal(valueOf(registry, "x_total", { a: 1 }), undefined);
  assert.equal(valueOf(registry, "x_total"), undefined);
});

test("valueOf() reads gauges, infos and states by their labels", () => {
  const registry = createRegistry();
  registry.gauge({ name: "g", help: "G." }).set(-1.5);
  registry.info({ name: "build_info", help: "B.", labels: ["version"] })
    .set({ version: "1" });
  registry.stateSet({ name: "phase", help: "P.", states: ["a", "b"] }).set("b");
  assert.equal(valueOf(registry, "g"), -1.5);
  assert.equal(valueOf(registry, "build_info", { version: "1" }), 1);
  assert.equal(valueOf(registry, "build_info", { version: "2" }), undefined);
  assert.equal(valueOf(registry, "phase", { phase: "a" }), 0);
  assert.equal(valueOf(registry, "phase", { phase: "b" }), 1);
});

test("valueOf() ignores properties that labels inherit", () => {
  const registry = createRegistry();
  registry.gauge({ name: "g", help: "G.", labels: ["constructor", "b"] })
    .with({ constructor: "", b: 1 }).set(2);
  assert.equal(valueOf(registry, "g", { b: 1 } as Record<string, number>), 2);
});

test("valueOf() suggests names that resemble a misspelt name", () => {
  const { registry } = setUp();
  registry.gauge({ name: "shop_queue_length", help: "Q." });
  const first = (advice: string) => new RegExp(`: try "${advice}"(?: or |$)`);
  for (
    const [name, advice] of [
      ["y_total", "x_total"],
      ["queue_length", "shop_queue_length"],
      ["shop_queue_length_total", "shop_queue_length"],
    ] as const
  ) {
    assert.throws(() => valueOf(registry, name), first(advice));
  }
  assert.throws(
    () => valueOf(createRegistry({ selfMetrics: false }), "a"),
    { message: 'Cannot find family "a": there are none' },
  );
});

test("valueOf() and distributionOf() refuse a wrong label or type with advice", () => {
  const { registry } = setUp();
  assert.throws(() => valueOf(registry, "x_total", { c: 1 }), {
    name: "RangeError",
    message: 'Cannot look up label "c" of "x_total": its labels are a, b',
  });
  assert.throws(() => distributionOf(registry, "h", { c: 1 }), {
    message: 'Cannot look up label "c" of "h": its labels are none',
  });
  assert.throws(() => valueOf(registry, "h"), /call distributionOf\(\)/);
  assert.throws(() => valueOf(registry, "s"), /call distributionOf\(\)/);
  assert.throws(() => changeOf(registry, "s"), /call distributionOf\(\)/);
  assert.throws(() => distributionOf(registry, "x_total"), /call valueOf\(\)/);
});

test("valueOf() returns undefined for a declared family without series", () => {
  const desc = familyDesc({
    name: "g",
    type: "gauge",
    help: "G.",
    labelNames: ["a"],
  });
  const source = { descs: [desc], collect: () => {} };
  assert.equal(valueOf(source, "g", { a: 1 }), undefined);
  assert.throws(() => valueOf(source, "g", { b: 1 }), /label "b"/);
});

test("valueOf() throws if the part threw, and counts no failure", () => {
  const { registry } = setUp();
  const cause = new Error("broken");
  registry.callbackGauge({
    name: "broken",
    help: "Broken.",
    read: () => {
      throw cause;
    },
  });
  assert.throws(() => valueOf(registry, "broken"), {
    message: 'Cannot read family "broken": its part threw; see the cause',
    cause,
  });
  assert.equal(valueOf(registry, "x_total", { b: "y" }), 4);
  const failures = "barograph_source_failures_total";
  assert.equal(valueOf(registry, failures, { source: "broken" }), undefined);
  assert.throws(() => expositionOf(registry), cause);
});

test("distributionOf() returns count, sum, and buckets or quantiles", () => {
  const { registry } = setUp();
  const histogram = distributionOf(registry, "h");
  assert.ok(histogram !== undefined && "counts" in histogram);
  assert.deepEqual([histogram.count, histogram.sum], [3, 6]);
  assert.deepEqual([...histogram.bounds], [1, 2]);
  assert.deepEqual([...histogram.counts], [0, 3, 0]);
  const summary = distributionOf(registry, "s");
  assert.ok(summary !== undefined && "quantiles" in summary);
  assert.deepEqual([summary.count, summary.sum], [1, 2]);
  assert.deepEqual([...summary.quantiles], [0.5]);
});

test("distributionOf() returns a copy", () => {
  const { registry } = setUp();
  const before = distributionOf(poison(registry), "h");
  registry.histogram({ name: "h", help: "H.", buckets: [1, 2] }).observe(2);
  assert.equal(before?.count, 3);
});

test("changeOf() returns the change since its call, even of a new series", () => {
  const { registry, counter } = setUp();
  const existing = changeOf(registry, "x_total", { b: "y" });
  const fresh = changeOf(registry, "x_total", { a: 9, b: 9 });
  assert.equal(existing(), 0);
  counter.with({ a: "", b: "y" }).inc(2);
  counter.with({ a: 9, b: 9 }).inc(5);
  assert.equal(existing(), 2);
  assert.equal(fresh(), 5);
  counter.with({ a: "", b: "y" }).inc();
  assert.equal(existing(), 3);
});

test("expositionOf() leaves out the self-metrics of the registry", () => {
  const { registry } = setUp();
  for (
    const source of [registry, poison(registry), replay(capture(registry))]
  ) {
    assert.doesNotMatch(expositionOf(source), /barograph_/);
    assert.match(expositionOf(source), /^# HELP x_total X\.\n/);
    assert.match(expositionOf(source), /\ns_count 1\n$/);
    assert.match(expositionOf(source, openMetrics), /s_sum 2\n# EOF\n$/);
  }
});

test("expositionOf({ selfMetrics: true }) includes the self-metrics", () => {
  const { registry } = setUp();
  const all = expositionOf(registry, prometheusText, { selfMetrics: true });
  assert.ok(all.startsWith(expositionOf(registry)));
  assert.match(all, /\nbarograph_rejected_observations_total\{/);
});

test("expositionOf() refuses a misspelt option", () => {
  const { registry } = setUp();
  const options = { selfMetric: true } as unknown as ExpositionOptions;
  assert.throws(() => expositionOf(registry, prometheusText, options), {
    name: "TypeError",
    message: 'Cannot expose: there is no option "selfMetric"; ' +
      "give any of selfMetrics",
  });
});

test("readers refuse what is not a source, and suggest a call of a function", () => {
  const readers: readonly (readonly [string, (source: Source) => unknown])[] = [
    ["Cannot read", (source) => valueOf(source, "x_total")],
    ["Cannot read", (source) => changeOf(source, "x_total")],
    ["Cannot read", (source) => distributionOf(source, "h")],
    ["Cannot expose", (source) => expositionOf(source)],
    ["Cannot lint", (source) => lint(source)],
  ];
  for (const [action, read] of readers) {
    assert.throws(() => read(defaultRegistry as unknown as Source), {
      name: "TypeError",
      message: `${action} the function defaultRegistry: ` +
        "give a source, such as defaultRegistry()",
    });
    assert.throws(() => read({} as unknown as Source), {
      name: "TypeError",
      message: `${action} {}: ` +
        "give a source, such as createRegistry()",
    });
  }
});
