/** Messages of both versions: each type, decoded field by field. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Registry } from "../../../src/metrics/mod.ts";
import { Labels } from "../../../src/model/mod.ts";
import type { HistogramChoice } from "../../../src/push/remote/sink.ts";
import {
  newRegistry,
  pushed,
  sourceOf,
  START,
  TIME,
  valuesOf,
} from "./fixtures.ts";

const VERSIONS = ["2.0", "1.0"] as const;

/** Returns a registry with one family of each type. */
function everyType(): Registry {
  const registry = newRegistry();
  registry.counter({ name: "orders_total", help: "Orders.", labels: ["by"] })
    .with({ by: "card" }).inc(3);
  registry.gauge({ name: "free_bytes", help: "Free.", unit: "bytes" }).set(1.5);
  registry.info({ name: "build_info", help: "Build.", labels: ["version"] })
    .set({ version: "1.2" });
  registry.stateSet({ name: "mode", help: "Mode.", states: ["on", "off"] })
    .set("off");
  const classic = registry.histogram({
    name: "wait_seconds",
    help: "Wait.",
    unit: "seconds",
    buckets: [0.5, 1, 1e6],
  });
  for (const value of [0.1, 0.7, 3, 2e6]) classic.observe(value);
  registry.summary({ name: "size_bytes", help: "Size.", unit: "bytes" })
    .observe(7);
  return registry;
}

for (const version of VERSIONS) {
  test(`${version}: each type is sent as a scrape stores it`, () => {
    const request = pushed(everyType(), { version });
    assert.deepEqual(valuesOf(request), {
      'orders_total{by="card"}': 3,
      free_bytes: 1.5,
      'build_info{version="1.2"}': 1,
      'mode{mode="on"}': 0,
      'mode{mode="off"}': 1,
      'wait_seconds_bucket{le="0.5"}': 1,
      'wait_seconds_bucket{le="1.0"}': 2,
      'wait_seconds_bucket{le="1e+06"}': 3,
      'wait_seconds_bucket{le="+Inf"}': 4,
      wait_seconds_sum: 2_000_003.8,
      wait_seconds_count: 4,
      size_bytes_sum: 7,
      size_bytes_count: 1,
    });
  });
}

test("2.0: each series carries the metadata and the start of its family", () => {
  const { series } = pushed(everyType());
  const facts = Object.fromEntries(
    series.map(({ id, metadata, start }) => [id, { ...metadata, start }]),
  );
  const start = START * 1000;
  const wait = { type: 3, help: "Wait.", unit: "seconds", start };
  const size = { type: 5, help: "Size.", unit: "bytes", start };
  const mode = { type: 7, help: "Mode.", unit: "", start: 0 };
  assert.deepEqual(facts, {
    'orders_total{by="card"}': { type: 1, help: "Orders.", unit: "", start },
    free_bytes: { type: 2, help: "Free.", unit: "bytes", start: 0 },
    'build_info{version="1.2"}': {
      type: 6,
      help: "Build.",
      unit: "",
      start: 0,
    },
    'mode{mode="on"}': mode,
    'mode{mode="off"}': mode,
    'wait_seconds_bucket{le="0.5"}': wait,
    'wait_seconds_bucket{le="1.0"}': wait,
    'wait_seconds_bucket{le="1e+06"}': wait,
    'wait_seconds_bucket{le="+Inf"}': wait,
    wait_seconds_sum: wait,
    wait_seconds_count: wait,
    size_bytes_sum: size,
    size_bytes_count: size,
  });
});

test("1.0: metadata stand beside the series, and nothing has a start", () => {
  const { series, metadata } = pushed(everyType(), { version: "1.0" });
  assert.deepEqual(metadata, {
    orders_total: { type: 1, help: "Orders.", unit: "" },
    free_bytes: { type: 2, help: "Free.", unit: "bytes" },
    build_info: { type: 6, help: "Build.", unit: "" },
    mode: { type: 7, help: "Mode.", unit: "" },
    wait_seconds: { type: 3, help: "Wait.", unit: "seconds" },
    size_bytes: { type: 5, help: "Size.", unit: "bytes" },
  });
  assert.ok(series.every(({ start }) => start === 0));
});

test("a start that is not before the push is left out", () => {
  for (const time of [START * 1000, START * 1000 - 1]) {
    const { series } = pushed(everyType(), { time });
    assert.ok(series.every(({ start }) => start === 0));
  }
});

for (const version of VERSIONS) {
  test(`${version}: gauge histograms, unknowns and quantiles are sent`, () => {
    const gauge = sourceOf("gaugehistogram", (sink) =>
      sink.histogram(
        Labels.NONE,
        {
          count: 3,
          sum: NaN,
          bounds: Float64Array.of(-1, 2),
          counts: Float64Array.of(1, 2, 0),
          exemplars: [],
        },
        START,
      ));
    assert.deepEqual(valuesOf(pushed(gauge, { version })), {
      'depth_bucket{le="-1.0"}': 1,
      'depth_bucket{le="2.0"}': 3,
      'depth_bucket{le="+Inf"}': 3,
      depth_sum: "NaN",
      depth_count: 3,
    });
    assert.equal(pushed(gauge).series[0]?.start, 0);
    const unknown = sourceOf(
      "unknown",
      (sink) => sink.number(Labels.NONE, -Infinity, 0),
    );
    assert.deepEqual(valuesOf(pushed(unknown, { version })), {
      depth: -Infinity,
    });
    const summary = sourceOf("summary", (sink) =>
      sink.summary(
        Labels.NONE,
        {
          count: 2,
          sum: -1,
          quantiles: Float64Array.of(0.5, 1),
          values: Float64Array.of(NaN, -3),
        },
        0,
      ));
    assert.deepEqual(valuesOf(pushed(summary, { version })), {
      'depth{quantile="0.5"}': "NaN",
      'depth{quantile="1.0"}': -3,
      depth_sum: -1,
      depth_count: 2,
    });
  });

  test(`${version}: native buckets are spans and deltas`, () => {
    const registry = newRegistry();
    const native = registry.histogram({
      name: "delay_seconds",
      help: "Delay.",
      buckets: [],
      native: { zeroThreshold: 1e-3 },
    });
    for (const value of [1, 1, 1, 1.1, 8, -4, 0, Infinity]) {
      native.observe(value);
    }
    const { series } = pushed(registry, { version });
    assert.equal(series.length, 1);
    const { histogram, exemplars, id } = series[0]!;
    assert.equal(id, "delay_seconds");
    assert.deepEqual(exemplars, []);
    assert.deepEqual(histogram, {
      count_int: 8,
      sum: Infinity,
      schema: 3,
      zero_threshold: 1e-3,
      zero_count_int: 1,
      negative_spans: [{ offset: 16, length: 1 }],
      negative_deltas: [1],
      positive_spans: [
        { length: 3 }, // 1, none, and 1.1
        { offset: 21, length: 1 }, // 8
        { offset: 8168, length: 1 }, // after the largest float64
      ],
      positive_deltas: [3, -3, 1, 0, 0],
      timestamp: TIME,
      ...(version === "2.0" ? { start_timestamp: START * 1000 } : {}),
    });
  });
}

test("the option histograms chooses between native and classic buckets", () => {
  const registry = newRegistry();
  const both = registry.histogram({
    name: "both",
    help: "Both.",
    buckets: [1],
    native: true,
  });
  const only = registry.histogram({
    name: "only",
    help: "Only.",
    buckets: [],
    native: true,
  });
  both.observe(2);
  only.observe(2);
  const classic = {
    'both_bucket{le="1.0"}': 0,
    'both_bucket{le="+Inf"}': 1,
    both_sum: 2,
    both_count: 1,
  };
  const idsOf = (histograms: HistogramChoice) =>
    pushed(registry, { histograms }).series
      .filter(({ histogram }) => histogram !== undefined).map(({ id }) => id);
  assert.deepEqual(idsOf("native"), ["both", "only"]);
  assert.deepEqual(idsOf("classic"), []);
  assert.deepEqual(idsOf("both"), ["both", "only"]);
  const { both: _, only: __, ...others } = valuesOf(
    pushed(registry, { histograms: "both" }),
  );
  assert.deepEqual(others, classic);
  assert.deepEqual(valuesOf(pushed(registry, { histograms: "classic" })), {
    ...classic,
    'only_bucket{le="+Inf"}': 1,
    only_sum: 2,
    only_count: 1,
  });
});

test("NaN in the sum of a native histogram is no stale marker", () => {
  const registry = newRegistry();
  registry.histogram({ name: "h", help: "H.", buckets: [], native: true })
    .observe(NaN);
  assert.equal(pushed(registry).series[0]?.histogram?.sum, "NaN");
});

test("counts past 2^53 are floats, and an empty histogram has no buckets", () => {
  const huge = 2 ** 60;
  const side = {
    offset: 3,
    size: 1,
    counts: Float64Array.of(huge),
    overflow: 0,
  };
  const empty = { ...side, size: 0 };
  const native = {
    schema: 2,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: side,
    negative: empty,
  };
  const view = {
    count: huge,
    sum: 1,
    bounds: new Float64Array(),
    counts: Float64Array.of(huge),
    exemplars: [],
    native,
  };
  const [large] = pushed(
    sourceOf(
      "gaugehistogram",
      (sink) => sink.histogram(Labels.NONE, view, START),
    ),
  ).series;
  assert.deepEqual(large?.histogram, {
    count_float: huge,
    sum: 1,
    schema: 2,
    positive_spans: [{ offset: 3, length: 1 }],
    positive_counts: [huge],
    reset_hint: 3,
    timestamp: TIME,
  });
  const nothing = {
    ...view,
    count: 0,
    counts: Float64Array.of(0),
    native: { ...native, positive: empty },
  };
  const [none] = pushed(
    sourceOf("histogram", (sink) => sink.histogram(Labels.NONE, nothing, 0)),
  ).series;
  assert.deepEqual(none?.histogram, {
    sum: 1,
    schema: 2,
    timestamp: TIME,
  });
});
