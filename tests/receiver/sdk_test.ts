/** The official SDK sends to a receiver: the same sums, counts and buckets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  MeterProvider,
  type MetricData,
  MetricReader,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { capture, type FamilySnapshot } from "../../src/model/mod.ts";
import * as fc from "../support/property.ts";
import { createWorld, type World } from "./world.ts";

/** A reader that is asked by the test. */
class ByHand extends MetricReader {
  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }
  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
}

function nanosOf([seconds, nanos]: readonly [number, number]): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
}

function attributesOf(attributes: object): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "number"
      ? { intValue: value }
      : { stringValue: String(value) },
  }));
}

/** Returns the data of a metric as OTLP has it. */
function dataOf(metric: MetricData): object {
  const { aggregationTemporality: temporality } = metric;
  const aggregationTemporality = temporality === AggregationTemporality.DELTA
    ? 1
    : 2;
  const dataPoints = metric.dataPoints.map((point) => ({
    attributes: attributesOf(point.attributes),
    startTimeUnixNano: nanosOf(point.startTime),
    timeUnixNano: nanosOf(point.endTime),
    ...valueOf(point.value),
  }));
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      return { gauge: { dataPoints } };
    case DataPointType.SUM: {
      const { isMonotonic } = metric;
      return { sum: { dataPoints, aggregationTemporality, isMonotonic } };
    }
    case DataPointType.HISTOGRAM:
      return { histogram: { dataPoints, aggregationTemporality } };
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return { exponentialHistogram: { dataPoints, aggregationTemporality } };
  }
}

function valueOf(value: MetricData["dataPoints"][number]["value"]): object {
  if (typeof value === "number") return { asDouble: value };
  const { count, sum } = value;
  if ("buckets" in value) {
    const { boundaries: explicitBounds, counts: bucketCounts } = value.buckets;
    return { count, sum, explicitBounds, bucketCounts };
  }
  const { scale, zeroCount, positive, negative } = value;
  return { count, sum, scale, zeroCount, positive, negative };
}

function requestOf({ resource, scopeMetrics }: ResourceMetrics): object {
  return {
    resourceMetrics: [{
      resource: { attributes: attributesOf(resource.attributes) },
      scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({
        scope: { name: scope.name, version: scope.version ?? "" },
        metrics: metrics.map((metric) => {
          const { name, unit, description } = metric.descriptor;
          return { name, unit, description, ...dataOf(metric) };
        }),
      })),
    }],
  };
}

const call = fc.record({
  kind: fc.constantFrom("count", "level", "wait", "size", "collect"),
  value: fc.nat(1000),
  route: fc.constantFrom("/a", "/b"),
});

/** Returns the value of each series of a family, by its route. */
function byRoute<T>(
  { registry }: World,
  name: string,
  read: (family: FamilySnapshot, row: number) => T,
): Map<string, T> {
  const { families } = capture(registry);
  const family = families.find(({ desc }) => desc.name === name);
  const found = new Map<string, T>();
  if (family === undefined) return found;
  const { labelNames } = family.desc;
  const at = labelNames.indexOf("http_route");
  for (let row = 0; row < family.starts.length; row++) {
    const route = family.labelValues[row * labelNames.length + at]!;
    found.set(route, read(family, row));
  }
  return found;
}

for (const temporality of ["CUMULATIVE", "DELTA"] as const) {
  test(`the SDK's ${temporality.toLowerCase()} metrics give the totals of its calls`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
        const world = createWorld();
        const reader = new ByHand({
          aggregationTemporalitySelector: () =>
            AggregationTemporality[temporality],
        });
        const provider = new MeterProvider({
          readers: [reader],
          views: [{
            instrumentName: "size",
            aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
          }],
        });
        const meter = provider.getMeter("shop", "1.0");
        const count = meter.createCounter("orders");
        const level = meter.createUpDownCounter("level");
        const wait = meter.createHistogram("wait", {
          unit: "s",
          advice: { explicitBucketBoundaries: [10, 100] },
        });
        const size = meter.createHistogram("size", { unit: "By" });
        const push = async () => {
          const { resourceMetrics } = await reader.collect();
          assert.deepEqual(await world.send(requestOf(resourceMetrics)), {});
        };
        const sums = new Map<string, number>();
        const counts = new Map<string, number>();
        const add = (
          totals: Map<string, number>,
          key: string,
          value: number,
        ) => totals.set(key, (totals.get(key) ?? 0) + value);
        for (const { kind, value, route } of calls) {
          const attributes = { "http.route": route };
          if (kind === "collect") {
            await push();
            continue;
          }
          if (kind === "count") count.add(value, attributes);
          else if (kind === "level") level.add(value, attributes);
          else if (kind === "wait") wait.record(value, attributes);
          else size.record(value, attributes);
          add(sums, `${kind} ${route}`, value);
          add(counts, `${kind} ${route}`, 1);
        }
        await push();
        const expected = (kind: string, totals: Map<string, number>) =>
          new Map(
            ["/a", "/b"].filter((route) => totals.has(`${kind} ${route}`))
              .map((route) => [route, totals.get(`${kind} ${route}`)!]),
          );
        const sorted = <T>(map: Map<string, T>) =>
          [...map].sort(([a], [b]) => a < b ? -1 : 1);
        const number = ({ numbers }: FamilySnapshot, row: number) =>
          numbers[row]!;
        const found = (name: string) => sorted(byRoute(world, name, number));
        assert.deepEqual(
          found("orders_total"),
          sorted(expected("count", sums)),
        );
        assert.deepEqual(found("level"), sorted(expected("level", sums)));
        for (
          const [kind, name] of [
            ["wait", "wait_seconds"],
            ["size", "size_bytes"],
          ] as const
        ) {
          const views = byRoute(
            world,
            name,
            ({ histograms }, row) => histograms[row]!,
          );
          const part = (key: "sum" | "count") =>
            sorted(views).map(([route, view]) => [route, view[key]]);
          assert.deepEqual(part("sum"), sorted(expected(kind, sums)));
          assert.deepEqual(part("count"), sorted(expected(kind, counts)));
        }
        await provider.shutdown();
      }),
      { numRuns: 30 },
    );
  });
}
