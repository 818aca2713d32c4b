/** Law: the meters beside OpenTelemetry's SDK. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attributes, Meter } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { capture, type Source } from "../../src/model/mod.ts";
import * as fc from "../support/property.ts";
import { meters, warnings } from "./meters.ts";

warnings(); // silences them

/** The state of one point: its value, or count, sum and bucket counts. */
type State = number | readonly [count: number, sum: number, ...number[]];

/** The points of all metrics: by name, then by attributes as JSON. */
type Points = Record<string, Record<string, State>>;

/** One call of an instrument. */
interface Call {
  readonly instrument: number;
  readonly value: number;
  readonly attributes: Attributes;
}

const BOUNDS = [0, 1, 2.5, 10];
const KINDS = ["counter", "updown", "gauge", "histogram"] as const;
const OBSERVED = ["ocounter", "oupdown", "ogauge"] as const;

/** Makes the calls; what is observed is the last value of each attribute set. */
function perform(meter: Meter, calls: readonly Call[]): void {
  const options = { advice: { explicitBucketBoundaries: BOUNDS } };
  const instruments = [
    meter.createCounter("counter"),
    meter.createUpDownCounter("updown"),
    meter.createGauge("gauge"),
    meter.createHistogram("histogram", options),
  ];
  const observables = [
    meter.createObservableCounter("ocounter"),
    meter.createObservableUpDownCounter("oupdown"),
    meter.createObservableGauge("ogauge"),
  ];
  for (const { instrument, value, attributes } of calls) {
    const called = instruments[instrument];
    if (called === undefined) continue;
    if ("add" in called) called.add(value, attributes);
    else called.record(value, attributes);
  }
  observables.forEach((observable, at) => {
    observable.addCallback((result) => {
      for (const { instrument, value, attributes } of calls) {
        if (instrument !== KINDS.length + at) continue;
        // The SDK keeps NaN and totals below zero.
        result.observe(at === 0 ? Math.abs(value) : value, attributes);
      }
    });
  });
}

function keyOf(labels: Iterable<readonly [string, unknown]>): string {
  const present = [...labels].filter(([, text]) => text !== "");
  return JSON.stringify(present.sort(([a], [b]) => a < b ? -1 : 1));
}

async function theirPoints(calls: readonly Call[]): Promise<Points> {
  const exporter = new InMemoryMetricExporter(
    AggregationTemporality.CUMULATIVE,
  );
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 2 ** 31 - 1,
  });
  const provider = new MeterProvider({ readers: [reader] });
  perform(provider.getMeter("law") as Meter, calls);
  const { resourceMetrics } = await reader.collect();
  await provider.shutdown();
  const points: Points = {};
  for (const metric of resourceMetrics.scopeMetrics[0]?.metrics ?? []) {
    const states: Record<string, State> = {};
    for (const { attributes, value } of metric.dataPoints) {
      const labels = Object.entries(attributes).map(([key, value]) =>
        [key, String(value)] as const
      );
      states[keyOf(labels)] = stateOf(metric.dataPointType, value);
    }
    points[metric.descriptor.name] = states;
  }
  return points;
}

function stateOf(type: DataPointType, value: unknown): State {
  if (type !== DataPointType.HISTOGRAM) return (value as number) + 0;
  const { count, sum, buckets } = value as Histogram;
  return [count, sum!, ...buckets.counts];
}

function ourPoints(source: Source): Points {
  const points: Points = {};
  for (const family of capture(source).families) {
    const { name, labelNames } = family.desc;
    if (name.startsWith("barograph_")) continue;
    const states: Record<string, State> = {};
    family.starts.forEach((_, row) => {
      const labels = labelNames.map((label, at) =>
        [label, family.labelValues[row * labelNames.length + at]] as const
      );
      const view = family.histograms[row];
      states[keyOf(labels)] = view === undefined
        ? family.numbers[row]!
        : [view.count, view.sum, ...view.counts];
    });
    if (family.starts.length === 0) continue;
    points[name.replace(/_total$/, "")] = states;
  }
  return points;
}

const calls = fc.array(
  fc.record({
    instrument: fc.nat({ max: KINDS.length + OBSERVED.length - 1 }),
    value: fc.oneof(
      fc.integer({ min: -5, max: 100 }),
      fc.constantFrom(0, -0, 0.5, 1, 2.5, 10, 1e300),
    ),
    attributes: fc.dictionary(
      fc.constantFrom("a", "b", "c", "d"),
      fc.oneof(fc.constantFrom("x", "y", "1"), fc.integer(), fc.boolean()),
      { maxKeys: 4 },
    ),
  }),
  { maxLength: 60 },
);

test("law: sums, counts and buckets are those of the SDK", async () => {
  await fc.assert(fc.asyncProperty(calls, async (made) => {
    // Values that are equal as texts are one series here, and two there.
    const texts = made.map((call) => ({
      ...call,
      attributes: Object.fromEntries(
        Object.entries(call.attributes).map(([key, it]) => [key, String(it)]),
      ),
    }));
    const { registry, meter } = meters();
    perform(meter, made);
    assert.deepEqual(ourPoints(registry), await theirPoints(texts));
  }));
});
