/** The fields of OTLP metrics, read by the published `.proto` files. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Labels } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { needs } from "../oracle/programs.ts";
import { inBoth, newRegistry, sourceOf, START } from "./metric_families.ts";
import {
  metricsIn,
  pairsOf,
  pointsOf,
  readMetrics,
  resourceIn,
  type SeenMetric,
  type Tree,
} from "./metric_reader.ts";
import { exporting } from "./metric_set_up.ts";

const timeout = 120_000;
const NANOS = "000000000";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test("a counter is a monotonic sum with start, time and exemplar", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const clock = new FakeClock(START);
  const registry = newRegistry(clock);
  const sold = registry.counter({
    name: "sold_bytes_total",
    help: "Sold.",
    unit: "bytes",
    labels: ["shop", "empty"],
  });
  sold.with({ shop: "ü", empty: "" }).inc(3, {
    trace_id: TRACE,
    span_id: SPAN,
    user: "7",
  });
  await inBoth(registry, ([metric, ...others]) => {
    assert.deepEqual(others, []);
    const { sum, name, unit, description } = metric!;
    assert.deepEqual([name, unit, description], [
      "sold_bytes_total",
      "By",
      "Sold.",
    ]);
    const { isMonotonic, aggregationTemporality } = sum as Tree;
    assert.deepEqual([isMonotonic, aggregationTemporality], [true, 2]);
    const [point] = pointsOf(metric!);
    assert.deepEqual(pairsOf(point!["attributes"]), { shop: "ü" });
    assert.equal(point!["startTimeUnixNano"], START + NANOS);
    assert.equal(point!["timeUnixNano"], START + NANOS);
    assert.equal(point!["asInt"], "3");
    const [exemplar] = point!["exemplars"] as Tree[];
    const hex = (bytes: unknown) =>
      [...atob(String(bytes))].map((char) =>
        char.charCodeAt(0).toString(16).padStart(2, "0")
      ).join("");
    assert.equal(hex(exemplar!["traceId"]), TRACE);
    assert.equal(hex(exemplar!["spanId"]), SPAN);
    assert.deepEqual(pairsOf(exemplar!["filteredAttributes"]), { user: "7" });
    assert.equal(exemplar!["asInt"], "3");
    assert.equal(exemplar!["timeUnixNano"], START + NANOS);
  });
});

test("a series that began after its point has no start", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const source = sourceOf(
    { name: "a_total", type: "counter" },
    (sink) => sink.number(Labels.NONE, 1, START + 60),
  );
  const check = ([metric]: readonly SeenMetric[]): void => {
    const [point] = pointsOf(metric!);
    assert.equal(point!["timeUnixNano"], START + NANOS);
    assert.equal(point!["startTimeUnixNano"] ?? "0", "0");
  };
  await inBoth(source, check, { clock: new FakeClock(START) });
});

test("names are exposed ones, or without _total and unit", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const registry = newRegistry();
  registry.counter({ name: "sold_bytes_total", help: "B.", unit: "bytes" });
  registry.gauge({ name: "hit_ratio", help: "C.", unit: "ratio" });
  registry.gauge({ name: "queue_depth", help: "D." });
  registry.gauge({ name: "queue_depth_bytes", help: "B.", unit: "bytes" });
  registry.gauge({ name: "speed_furlongs", help: "E.", unit: "furlongs" });
  const named = (metrics: readonly SeenMetric[]) =>
    metrics.map(({ name, unit = "" }) => `${name} ${unit}`);
  await inBoth(registry, (metrics) =>
    assert.deepEqual(named(metrics), [
      "sold_bytes_total By",
      "hit_ratio 1",
      "queue_depth ",
      "queue_depth_bytes By",
      "speed_furlongs furlongs",
    ]));
  await inBoth(registry, (metrics) =>
    assert.deepEqual(named(metrics), [
      "sold By",
      "hit 1",
      "queue_depth ",
      "queue_depth_bytes By", // the shorter name has an owner
      "speed furlongs",
    ]), { names: "stripped" });
});

test("infos, statesets and unknowns have the kinds of the specification", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const registry = newRegistry();
  registry.info({ name: "build_info", help: "B.", labels: ["version"] })
    .set({ version: "1" });
  registry.stateSet({ name: "phase", help: "P.", states: ["on", "off"] })
    .set("on");
  registry.add(sourceOf({ type: "unknown", name: "mystery" }, (sink) => {
    sink.number(Labels.NONE, 1.5, 0);
  }));
  await inBoth(registry, ([info, phase, mystery]) => {
    for (
      const [metric, type] of [[info, "info"], [phase, "stateset"]] as const
    ) {
      assert.deepEqual(pairsOf(metric!["metadata"]), {
        "prometheus.type": type,
      });
      const { isMonotonic, aggregationTemporality } = metric!["sum"] as Tree;
      assert.deepEqual([isMonotonic, aggregationTemporality], [undefined, 2]);
    }
    assert.deepEqual(
      pointsOf(phase!).map((point) => [
        pairsOf(point["attributes"]),
        point["asInt"],
      ]),
      [[{ phase: "on" }, "1"], [{ phase: "off" }, "0"]],
    );
    const [point] = pointsOf(mystery!);
    assert.ok(mystery!["gauge"] !== undefined);
    assert.equal(point!["asDouble"], 1.5);
    assert.equal(point!["startTimeUnixNano"], undefined, "it is unknown");
  }, { temporality: "delta" });
});

test("numbers that are not finite, and integers past 2^53, are doubles", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const values = [NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 60), 1e300];
  for (const value of values) {
    const source = sourceOf({ type: "gauge" }, (sink) => {
      sink.number(Labels.NONE, value, 0);
    });
    await inBoth(source, ([metric]) => {
      assert.equal(pointsOf(metric!)[0]!["asDouble"], value);
    });
  }
  for (const value of [0, -0, -1, 2 ** 53 - 1, -(2 ** 53 - 1), -(2 ** 32)]) {
    const source = sourceOf({ type: "gauge" }, (sink) => {
      sink.number(Labels.NONE, value, 0);
    });
    await inBoth(source, ([metric]) => {
      assert.equal(pointsOf(metric!)[0]!["asInt"], String(value + 0));
    });
  }
});

test("a family with one fraction stays a family of doubles", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const registry = newRegistry();
  const gauge = registry.gauge({ name: "depth", help: "D." });
  const { pusher, posted } = exporting(registry, { protocol: "json" });
  for (const value of [1, 1.5, 2]) {
    gauge.set(value);
    await pusher.push();
  }
  const kinds = posted.map(({ body, headers }) => {
    const [metric] = metricsIn(
      readMetrics(body, headers.get("content-type")!),
    );
    return pointsOf(metric!)[0]!["asInt"] === undefined ? "double" : "int";
  });
  assert.deepEqual(kinds, ["int", "double", "double"]);
});

test("a summary has its quantiles", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const source = sourceOf({ type: "summary" }, (sink) => {
    sink.summary(Labels.NONE, {
      count: 3,
      sum: 6,
      quantiles: new Float64Array([0.5, 1]),
      values: new Float64Array([2, 3]),
    }, START);
  });
  await inBoth(source, ([metric]) => {
    const [point] = pointsOf(metric!);
    assert.deepEqual([point!["count"], point!["sum"]], ["3", 6]);
    assert.deepEqual(point!["quantileValues"], [
      { quantile: 0.5, value: 2 },
      { quantile: 1, value: 3 },
    ]);
  });
});

test("a gauge histogram is left out, and reported once", {
  timeout,
}, async () => {
  const source = sourceOf(
    { type: "gaugehistogram" },
    () => assert.fail("its series are skipped"),
  );
  const { pusher, posted, errors } = exporting(source);
  assert.equal(await pusher.push(), true);
  assert.equal(await pusher.push(), true);
  assert.deepEqual(errors, [
    '"a" is left out: OTLP has no type gaugehistogram',
  ]);
  assert.equal(posted.length, 0, "no empty request");
});

test("labels of the scope go back into it, target_info into the resource", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const registry = newRegistry();
  registry.info({ name: "target_info", help: "T.", labels: ["os", "zone"] })
    .set({ os: "linux", zone: "a" });
  const labels = [
    "otel_scope_name",
    "otel_scope_version",
    "otel_scope_schema_url",
    "otel_scope_team",
    "code",
  ];
  const calls = registry.counter({ name: "calls_total", help: "C.", labels });
  const scope = {
    otel_scope_name: "http",
    otel_scope_version: "2",
    otel_scope_schema_url: "https://x/1",
    otel_scope_team: "web",
  };
  calls.with({ ...scope, code: "200" }).inc();
  calls.with({ ...scope, otel_scope_name: "db", code: "1" }).inc();
  calls.with({ ...scope, code: "500" }).inc(2);
  registry.gauge({ name: "depth", help: "D." }).set(1);
  await inBoth(registry, (metrics, tree) => {
    const { os, zone } = resourceIn(tree);
    assert.deepEqual([os, zone], ["linux", "given"]);
    assert.deepEqual(metrics.map(({ name }) => name), [
      "calls_total",
      "calls_total",
      "depth",
    ]);
    const [http, db, own] = metrics.map(({ scope }) => scope);
    assert.deepEqual([http?.["name"], http?.["version"]], ["http", "2"]);
    assert.deepEqual(pairsOf(http?.["attributes"]), { team: "web" });
    assert.equal(db?.["name"], "db");
    assert.equal(own?.["name"], undefined);
    const codes = pointsOf(metrics[0]!).map((point) =>
      pairsOf(point["attributes"])
    );
    assert.deepEqual(codes, [{ code: "200" }, { code: "500" }]);
  }, { resource: { zone: "given" } });
});

test("the resource names the process", {
  ...needs("OTLP_PROTOS"),
  timeout,
}, async () => {
  const registry = newRegistry();
  registry.gauge({ name: "depth", help: "D." }).set(1);
  const ids = new Set<unknown>();
  await inBoth(registry, (_metrics, tree) => {
    const resource = resourceIn(tree);
    assert.equal(resource["service.name"], "unknown_service");
    assert.equal(resource["telemetry.sdk.name"], "barograph");
    assert.match(String(resource["service.instance.id"]), /^[0-9a-f-]{36}$/);
    ids.add(resource["service.instance.id"]);
  });
  assert.equal(ids.size, 1, "the same for all exporters of a process");
});
