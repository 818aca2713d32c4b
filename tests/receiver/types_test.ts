/** Each type of OTLP, as the registry exposes it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture, type NativeView } from "../../src/model/mod.ts";
import {
  attributesOf,
  createWorld,
  CUMULATIVE,
  DELTA,
  gaugeOf,
  nanos,
  point,
  requestOf,
  sumOf,
  type World,
} from "./world.ts";

const JOB = 'job="shop"';
const HELP = String.raw`# HELP x Metric \"x\" of OpenTelemetry.`;

test("a monotonic sum is a counter with its unit, and a start", async () => {
  const { send, lines, registry } = createWorld();
  const metric = {
    ...sumOf("bytes.sent", [point(5, 3, 2, { "http.route": "/a" })]),
    unit: "By",
    description: "Bytes.",
  };
  assert.deepEqual(await send(requestOf([metric])), {});
  assert.deepEqual(lines(/^bytes_sent/), [
    "# TYPE bytes_sent_bytes counter",
    "# UNIT bytes_sent_bytes bytes",
    "# HELP bytes_sent_bytes Bytes.",
    `bytes_sent_bytes_total{${JOB},http_route="/a"} 5`,
  ]);
  const family = capture(registry).families
    .find(({ desc }) => desc.name === "bytes_sent_bytes_total");
  assert.equal(family!.starts[0], nanos(2) / 1e9);
});

test("other sums and gauges are gauges; a ratio only if OpenTelemetry says gauge", async () => {
  const { send, lines } = createWorld();
  await send(requestOf([
    sumOf("queue", [point(-2)], CUMULATIVE, false),
    { ...gaugeOf("load", point(0.5)), unit: "1" },
    { ...sumOf("level", [point(1)], CUMULATIVE, false), unit: "1" },
    gaugeOf("whole", { timeUnixNano: nanos(1), asInt: "12" }),
  ]));
  assert.deepEqual(lines(/^(queue|load|level|whole).*\{/), [
    `queue{${JOB}} -2`,
    `load_ratio{${JOB}} 0.5`,
    `level{${JOB}} 1`,
    `whole{${JOB}} 12`,
  ]);
});

test("metadata leads numbers back to info, stateset and unknown", async () => {
  const { send, lines } = createWorld();
  const typed = (type: string) => ({
    metadata: attributesOf({ "prometheus.type": type }),
  });
  const state = (name: string, value: number, zone: string) =>
    point(value, 1, 0, { mode: name, zone });
  await send(requestOf([
    { ...sumOf("build_info", [point(1)], CUMULATIVE, false), ...typed("info") },
    {
      ...sumOf(
        "mode",
        [state("on", 1, "a"), state("on", 0, "b"), state("off", 0, "a")],
        CUMULATIVE,
        false,
      ),
      ...typed("stateset"),
    },
    { ...gaugeOf("thing", point(3)), ...typed("unknown") },
  ]));
  assert.deepEqual(
    lines(/^(build|mode|thing)/).filter((l) => !/HELP/.test(l)),
    [
      "# TYPE build info",
      `build_info{${JOB}} 1`,
      "# TYPE mode stateset",
      `mode{${JOB},zone="a",mode="on"} 1`,
      `mode{${JOB},zone="a",mode="off"} 0`,
      `mode{${JOB},zone="b",mode="on"} 0`,
      "# TYPE thing unknown",
      `thing{${JOB}} 3`,
    ],
  );
});

test("a histogram has its buckets, sum, count and exemplars", async () => {
  const { send, lines } = createWorld();
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const dataPoints = [{
    startTimeUnixNano: nanos(0),
    timeUnixNano: nanos(1),
    count: 6,
    sum: 12.5,
    bucketCounts: ["1", "2", "3"],
    explicitBounds: [0.5, 1],
    exemplars: [
      { asDouble: 0.75, timeUnixNano: nanos(0.5), traceId },
      { asDouble: 0.7, timeUnixNano: nanos(0.25) },
      { asDouble: 5, filteredAttributes: attributesOf({ "user.id": "7" }) },
    ],
  }];
  const histogram = { dataPoints, aggregationTemporality: CUMULATIVE };
  await send(requestOf([{ name: "wait", unit: "s", histogram }]));
  assert.deepEqual(lines(/^wait_seconds_/), [
    `wait_seconds_bucket{${JOB},le="0.5"} 1`,
    `wait_seconds_bucket{${JOB},le="1.0"} 3 # {trace_id="${traceId}"} 0.75 1700000000.5`,
    `wait_seconds_bucket{${JOB},le="+Inf"} 6 # {user_id="7"} 5`,
    `wait_seconds_count{${JOB}} 6`,
    `wait_seconds_sum{${JOB}} 12.5`,
  ]);
});

/** Returns the native buckets of the only histogram. */
function nativeIn({ registry }: World): NativeView {
  const { families } = capture(registry);
  const [histogram] = families.flatMap(({ histograms }) => histograms);
  return histogram!.native!;
}

function exponential(
  point: object,
  aggregationTemporality = CUMULATIVE,
): object {
  const dataPoints = [{
    startTimeUnixNano: nanos(0),
    timeUnixNano: nanos(1),
    ...point,
  }];
  return {
    name: "wait",
    exponentialHistogram: { dataPoints, aggregationTemporality },
  };
}

test("an exponential histogram is a native one, with indices one higher", async () => {
  const world = createWorld();
  await world.send(requestOf([exponential({
    count: 40,
    sum: 9,
    scale: 3,
    zeroCount: 3,
    zeroThreshold: 0.25,
    positive: { offset: 3, bucketCounts: [10, 0, 0, 20, 5, 2] },
  })]));
  assert.deepEqual(nativeIn(world), {
    schema: 3,
    zeroThreshold: 0.25,
    zeroCount: 3,
    positive: {
      offset: 4,
      size: 6,
      counts: Float64Array.of(10, 0, 0, 20, 5, 2),
      overflow: 0,
    },
    negative: { offset: 0, size: 0, counts: new Float64Array(0), overflow: 0 },
  });
});

test("a scale above 8 is reduced, one below -4 rejected", async () => {
  const world = createWorld();
  const positive = { offset: -3, bucketCounts: [1, 2, 4, 8, 16] };
  await world.send(
    requestOf([exponential({ count: 31, scale: 10, positive })]),
  );
  const { schema, positive: reduced } = nativeIn(world);
  assert.equal(schema, 8);
  // Indices -2 to 2 become ceil(i / 4): 0, 0, 0, 1, 1.
  assert.deepEqual(reduced, {
    offset: 0,
    size: 2,
    counts: Float64Array.of(7, 24),
    overflow: 0,
  });
  const { partialSuccess } = await world.send(
    requestOf([exponential({ count: 1, zeroCount: 1, scale: -5 })]),
  );
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "1",
    errorMessage: 'metric "wait": its scale must be -4 to 32 (1)',
  });
});

test("a summary has its quantiles by rising rank", async () => {
  const { send, lines } = createWorld();
  const dataPoints = [{
    timeUnixNano: nanos(1),
    count: 3,
    sum: 6,
    quantileValues: [{ quantile: 0.9, value: 3 }, { quantile: 0.5, value: 2 }],
  }];
  await send(requestOf([{ name: "size", summary: { dataPoints } }]));
  assert.deepEqual(lines(/^size.*\{/), [
    `size{${JOB},quantile="0.5"} 2`,
    `size{${JOB},quantile="0.9"} 3`,
    `size_count{${JOB}} 3`,
    `size_sum{${JOB}} 6`,
  ]);
});

test("the resource becomes target_info, job and instance; the scope labels", async () => {
  const { send, lines } = createWorld();
  const resource = {
    "service.namespace": "acme",
    "service.name": "shop",
    "service.instance.id": "i-1",
    "host.name": "h",
  };
  await send(requestOf([gaugeOf("up.time", point(1))], resource, "my.lib"));
  assert.deepEqual(lines(/^(target_info|up_time)\{/), [
    'target_info{job="acme/shop",instance="i-1",host_name="h"} 1',
    'up_time{job="acme/shop",instance="i-1",otel_scope_name="my.lib"} 1',
  ]);
  await send(requestOf([], { ...resource, "host.name": "other" }));
  assert.deepEqual(lines(/^target_info\{/), [
    'target_info{job="acme/shop",instance="i-1",host_name="other"} 1',
  ]);
});

test("without scopes, series have no labels of them", async () => {
  const { send, lines } = createWorld({ scopes: false });
  await send(requestOf([gaugeOf("x", point(1))], undefined, "my.lib"));
  assert.deepEqual(lines(/^x\{/), [`x{${JOB}} 1`]);
});

test("a sender without a name has neither job nor target_info", async () => {
  const { send, lines } = createWorld();
  await send(requestOf([gaugeOf("x", point(1))], { "host.name": "h" }));
  assert.deepEqual(lines(/^x( |\{)/), ["# TYPE x gauge", HELP, "x 1"]);
  assert.deepEqual(lines(/^target_info/), []);
});

test("attributes whose keys meet are joined, and those of the receiver renamed", async () => {
  const { send, lines } = createWorld();
  const attributes = {
    "http_route": "/b",
    "http.route": "/a",
    "1x": "y",
    "job": "mine",
    "instance": "other",
  };
  await send(requestOf([gaugeOf("x", point(1, 1, 0, attributes))]));
  assert.deepEqual(lines(/^x\{/), [
    `x{${JOB},exported_instance="other",exported_job="mine",` +
    'http_route="/a;/b",key_1x="y"} 1',
  ]);
});

test("the value of an attribute is text, or else JSON", async () => {
  const { send, lines } = createWorld();
  const values: object[] = [
    { boolValue: true },
    { intValue: "9007199254740993" },
    { doubleValue: 1.5 },
    { bytesValue: "AQI=" },
    { arrayValue: { values: [{ stringValue: "a" }, { intValue: 1 }, {}] } },
    {
      kvlistValue: { values: [{ key: "k", value: { doubleValue: 2 } }] },
    },
  ];
  const attributes = values.map((value, i) => ({ key: `a${i}`, value }));
  await send(requestOf([gaugeOf("x", { attributes, asDouble: 1 })]));
  assert.deepEqual(lines(/^x\{/), [
    `x{${JOB},a0="true",a1="9007199254740993",a2="1.5",a3="AQI=",` +
    String.raw`a4="[\"a\",1,null]",a5="{\"k\":2}"} 1`,
  ]);
});

test("a point without a recorded value ends its series", async () => {
  const { send, lines } = createWorld();
  const at = (value: number, time: number) =>
    gaugeOf("x", point(value, time, 0, { k: "a" }), point(value, time));
  await send(requestOf([at(1, 1)]));
  const ended = { ...point(0, 2, 0, { k: "a" }), flags: 1 };
  assert.deepEqual(await send(requestOf([gaugeOf("x", ended)])), {});
  assert.deepEqual(lines(/^x\{/), [`x{${JOB}} 1`]);
});

test("with another translation, dotted names stay", async () => {
  const { send, lines } = createWorld({ translation: "NoTranslation" });
  await send(requestOf([
    { ...gaugeOf("up.time", point(1, 1, 0, { "a.b": "c" })), unit: "s" },
  ]));
  assert.deepEqual(lines(/^up_time\{/).at(-1), `up_time{${JOB},a_b="c"} 1`);
});

test("metrics that cannot be are rejected, with the reasons", async () => {
  const { send } = createWorld();
  const { partialSuccess } = await send(requestOf([
    sumOf("a", [point(1)], 0),
    sumOf("b", [point(-1)]),
    sumOf("c", [point(NaN)]),
    sumOf("d", [{ timeUnixNano: nanos(1) }]),
    { name: "", gauge: { dataPoints: [point(1)] } },
    { name: "nothing" },
    sumOf("e", [point(1)], DELTA),
  ]));
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "5",
    errorMessage: [
      'metric "a": it is neither cumulative nor delta (1)',
      'metric "b": a monotonic sum must be a number from 0 on (1)',
      'metric "c": a monotonic sum must be a number from 0 on (1)',
      'metric "d": it has no value (1)',
      'metric "": it has no name (1)',
    ].join("; "),
  });
});
