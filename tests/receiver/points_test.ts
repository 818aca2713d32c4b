/** Points that cannot be, points at the limits, and exemplars. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture, type HistogramView } from "../../src/model/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { otlpReceiver } from "../../src/receiver/mod.ts";
import { jsonOf } from "./encodings.ts";
import {
  attributesOf,
  createWorld,
  CUMULATIVE,
  gaugeOf,
  linesOf,
  nanos,
  point,
  post,
  requestOf,
  sumOf,
  type World,
} from "./world.ts";

function histogram(point: object, time = 1): object {
  const dataPoints = [{ timeUnixNano: nanos(time), ...point }];
  const aggregationTemporality = CUMULATIVE;
  return { name: "h", histogram: { dataPoints, aggregationTemporality } };
}

function exponential(point: object): object {
  const dataPoints = [{ timeUnixNano: nanos(1), ...point }];
  const aggregationTemporality = CUMULATIVE;
  const exponentialHistogram = { dataPoints, aggregationTemporality };
  return { name: "h", exponentialHistogram };
}

function summary(...quantileValues: object[]): object {
  return { name: "h", summary: { dataPoints: [{ count: 1, quantileValues }] } };
}

/** Returns the only histogram that a registry has. */
function only({ registry }: World): HistogramView {
  const { families } = capture(registry);
  const [found] = families.flatMap(({ histograms }) => histograms);
  return found!;
}

test("points that cannot be are rejected, each with its reason", async () => {
  const cases: readonly (readonly [object, string])[] = [
    [
      histogram({ count: 3, bucketCounts: [1, 1], explicitBounds: [1] }),
      "its counts do not add up to its count",
    ],
    [
      histogram({ count: 1, bucketCounts: [1], explicitBounds: [1] }),
      "it must have one count more than it has bounds",
    ],
    [
      histogram({ count: 1, explicitBounds: [1] }),
      "it must have one count more than it has bounds",
    ],
    [
      histogram({ count: 0, bucketCounts: [0, 0, 0], explicitBounds: [2, 1] }),
      "its bounds must rise",
    ],
    [
      histogram({ count: 0, bucketCounts: [0, 0], explicitBounds: ["NaN"] }),
      "its bounds must rise",
    ],
    [
      histogram({
        count: 0,
        bucketCounts: Array(2050).fill(0),
        explicitBounds: Array.from({ length: 2049 }, (_, i) => i),
      }),
      "it has more than 2048 buckets",
    ],
    [
      exponential({ count: 2, zeroCount: 1 }),
      "its counts do not add up to its count",
    ],
    [exponential({ scale: 33 }), "its scale must be -4 to 32"],
    [
      exponential({ zeroThreshold: "Infinity" }),
      "its zero threshold must be a number from 0 on",
    ],
    [
      exponential({ count: 1, positive: { offset: 1024, bucketCounts: [1] } }),
      "it has a bucket beyond all numbers",
    ],
    [
      exponential({ count: 1, negative: { offset: -1076, bucketCounts: [1] } }),
      "it has a bucket beyond all numbers",
    ],
    [
      summary({ quantile: 0.5 }, { quantile: 0.5 }),
      "its quantiles must differ, from 0 to 1",
    ],
    [summary({ quantile: 1.5 }), "its quantiles must differ, from 0 to 1"],
    [
      summary(
        ...Array.from({ length: 129 }, (_, i) => ({ quantile: i / 200 })),
      ),
      "it has more than 128 quantiles",
    ],
  ];
  for (const [metric, words] of cases) {
    const { send, receive } = createWorld();
    assert.deepEqual(await send(requestOf([metric])), {
      partialSuccess: {
        rejectedDataPoints: "1",
        errorMessage: `metric "h": ${words} (1)`,
      },
    });
    assert.equal(receive.stats().series, 0);
  }
});

test("the first and the last bucket of all numbers are taken", async () => {
  const world = createWorld();
  const positive = { offset: 1023, bucketCounts: [1] };
  const negative = { offset: -1075, bucketCounts: [0, 0, 2] };
  const metric = exponential({ count: 3, positive, negative });
  assert.deepEqual(await world.send(requestOf([metric])), {});
  const { native } = only(world);
  assert.equal(native!.schema, 0);
  assert.deepEqual(native!.positive.offset, 1024);
  assert.deepEqual(native!.negative.offset, -1072);
});

test("buckets that are far apart are made coarser instead of many", async () => {
  const world = createWorld();
  const positive = {
    offset: -4000,
    bucketCounts: [1, ...Array(7998).fill(0), 5],
  };
  const metric = exponential({ scale: 8, count: 6, positive });
  assert.deepEqual(await world.send(requestOf([metric])), {});
  const { count, native } = only(world);
  assert.equal(count, 6);
  assert.equal(native!.schema, 6);
  assert.ok(native!.positive.size <= 2048);
});

test("a histogram without buckets has its count; without a sum, NaN", async () => {
  const world = createWorld();
  await world.send(requestOf([histogram({ count: 7 })]));
  const { count, sum, bounds, counts } = only(world);
  assert.deepEqual([count, sum, bounds.length], [7, NaN, 0]);
  assert.deepEqual(counts, Float64Array.of(7));
});

test("counts beyond 2^53 are taken as far as a float64 has them", async () => {
  const world = createWorld();
  const large = String(2n ** 63n);
  const bucketCounts = [large, "3"];
  const metric = histogram({
    count: String(2n ** 63n + 3n),
    bucketCounts,
    explicitBounds: [1],
  });
  assert.deepEqual(await world.send(requestOf([metric])), {});
  assert.equal(only(world).count, 2 ** 63);
});

test("an exemplar stays until there is a newer one in its bucket", async () => {
  const world = createWorld();
  const exemplar = (asDouble: number, time: number) => ({
    asDouble,
    timeUnixNano: nanos(time),
    spanId: "00f067aa0ba902b7",
  });
  const send = (time: number, ...exemplars: object[]) =>
    world.send(requestOf([
      histogram({
        count: 2,
        bucketCounts: [1, 1],
        explicitBounds: [1],
        exemplars,
      }, time),
      sumOf("c", [{ ...point(1, time), exemplars }]),
    ]));
  await send(1, exemplar(0.5, 1), exemplar(2, 1));
  await send(2, exemplar(3, 2));
  await send(3);
  const values = only(world).exemplars.map((found) => found?.value);
  assert.deepEqual(values, [0.5, 3]);
  assert.deepEqual(world.lines(/^c_total/), [
    'c_total{job="shop"} 1 # {span_id="00f067aa0ba902b7"} 3 1700000002',
  ]);
});

test("exemplars of native buckets stay until there are newer ones", async () => {
  const world = createWorld();
  const send = (time: number, ...exemplars: object[]) =>
    world.send(requestOf([
      exponential({
        timeUnixNano: nanos(time),
        count: 1,
        zeroCount: 1,
        exemplars,
      }),
    ]));
  await send(1, { asDouble: 3 }, { asDouble: 2 });
  await send(2);
  const values = () => only(world).exemplars.map((found) => found?.value);
  assert.deepEqual(values(), [2, 3]);
  await send(3, { asDouble: 5 });
  assert.deepEqual(values(), [5]);
});

test("an exemplar has the ids, and as many attributes as fit", async () => {
  const world = createWorld();
  const exemplars = [{
    asInt: 5,
    traceId: "0".repeat(32), // an id of zeros is none
    spanId: "00F067AA0BA902B7",
    filteredAttributes: attributesOf({
      a: "x".repeat(60),
      b: "y".repeat(60),
      trace_id: "z",
    }),
  }];
  await world.send(requestOf([sumOf("c", [{ ...point(1), exemplars }])]));
  const [, labels] = /# \{(.*)\}/.exec(world.lines(/^c_total/)[0]!)!;
  assert.equal(labels, `span_id="00f067aa0ba902b7",a="${"x".repeat(60)}"`);
});

test("the first and the last time are taken", async () => {
  const world = createWorld();
  const max = String(2n ** 64n - 1n);
  const time = { startTimeUnixNano: max, timeUnixNano: max };
  const exemplars = [{ asDouble: 1, timeUnixNano: max }];
  await world.send(requestOf([
    sumOf("c", [{ asDouble: 1, ...time, exemplars }]),
    sumOf("d", [{ asDouble: 1, startTimeUnixNano: 1 }]),
  ]));
  const { families } = capture(world.registry);
  const starts = families.filter(({ desc }) => /^[cd]_total/.test(desc.name))
    .flatMap((family) => [...family.starts]);
  assert.deepEqual(starts, [2 ** 64 / 1e9, 0]); // a nanosecond is unknown
});

test("a target_info of the registry itself stays", async () => {
  const registry = createRegistry({ selfMetrics: false });
  registry.info({ name: "target_info", help: "Own.", labels: ["os"] })
    .set({ os: "linux" });
  const receive = otlpReceiver(registry);
  await receive(post(jsonOf(requestOf([gaugeOf("x", point(1))]))));
  assert.deepEqual(linesOf(registry, /^(target_info|x)\{/), [
    'target_info{os="linux"} 1',
    'x{job="shop"} 1',
  ]);
});

test("attributes of a resource and a scope are cut, and limited in number", async () => {
  const { send, lines } = createWorld({ maxLabelLength: 5 });
  const many = Object.fromEntries(
    Array.from({ length: 70 }, (_, i) => [`k${i}`, "long text"]),
  );
  const resource = { ...many, "service.name": "a-long-name" };
  await send(requestOf([gaugeOf("x", point(1))], resource, "my-scope"));
  assert.deepEqual(lines(/^x\{/), [
    'x{job="a-lon",otel_scope_name="my-sc"} 1',
  ]);
  const [info] = lines(/^target_info\{/);
  assert.match(info!, /^target_info\{job="a-lon",k0="long ",/);
  assert.equal(info!.split(",").length, 65);
});
