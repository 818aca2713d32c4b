/**
 * `otlpMetrics` sends a registry to a receiver: the same families, series and
 * values, in both encodings and temporalities.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import {
  capture,
  type FamilySnapshot,
  type HistogramView,
} from "../../src/model/mod.ts";
import { otlpMetrics } from "../../src/push/mod.ts";
import { FakeClock, FakeTimers } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";
import { createWorld } from "./world.ts";

const KINDS = [
  "counter",
  "gauge",
  "ratio",
  "classic",
  "native",
  "summary",
  "info",
  "state",
] as const;

interface Call {
  readonly kind: typeof KINDS[number];
  readonly value: number;
  readonly route: string;
}

const call: fc.Arbitrary<Call> = fc.record({
  kind: fc.constantFrom(...KINDS),
  value: fc.oneof(fc.nat(1000), fc.nat(4000).map((n) => n / 8)),
  route: fc.constantFrom("/a", "/b;c", "", 'd"\n'),
});

/** Returns a registry with each kind, and a function that records. */
function recorded(registry: Registry): (call: Call) => void {
  const labels = ["route"] as const;
  const orders = registry.counter({
    name: "orders_total",
    help: "Orders.",
    labels,
  });
  const level = registry.gauge({ name: "level", help: "Level.", labels });
  const load = registry.gauge({
    name: "load_ratio",
    help: "Load.",
    unit: "ratio",
  });
  const wait = registry.histogram({
    name: "wait_seconds",
    help: "Time.",
    unit: "seconds",
    buckets: [1, 10, 100],
    labels,
  });
  const size = registry.histogram({
    name: "size_bytes",
    help: "Size.",
    unit: "bytes",
    native: {},
    labels,
  });
  const age = registry.summary({ name: "age_days", help: "Age.", labels });
  registry.info({ name: "build_info", help: "Build.", labels: ["version"] })
    .set({ version: "1.2" });
  const mode = registry.stateSet({
    name: "mode",
    help: "Mode.",
    states: ["on", "off"],
    labels: ["zone"],
  });
  return ({ kind, value, route }) => {
    if (kind === "counter") orders.with({ route }).inc(value);
    else if (kind === "gauge") level.with({ route }).set(-value);
    else if (kind === "ratio") load.set(value);
    else if (kind === "classic") wait.with({ route }).observe(value);
    else if (kind === "native") size.with({ route }).observe(value);
    else if (kind === "summary") age.with({ route }).observe(value);
    else if (kind === "state") {
      mode.with({ zone: "a" }).set(value > 500 ? "on" : "off");
    }
  };
}

/** A histogram as far as OTLP has it. */
function histogramOf({ count, sum, bounds, counts, native }: HistogramView) {
  if (native === undefined) return { count, sum, bounds, counts };
  const { schema, zeroCount, zeroThreshold } = native;
  const side = (from: typeof native.positive) => {
    const found: [number, number][] = [];
    for (let i = 0; i < from.size; i++) {
      if (from.counts[i]! > 0) found.push([from.offset + i, from.counts[i]!]);
    }
    return found;
  };
  const positive = side(native.positive);
  const negative = side(native.negative);
  const zero = { zeroCount, zeroThreshold };
  return { count, sum, schema, ...zero, positive, negative };
}

const OF_SENDER = ["job", "instance"];

/** Returns a family in a form in which order and the sender do not matter. */
function normal(family: FamilySnapshot) {
  const { desc: { name, type, help, unit, labelNames }, labelValues } = family;
  const series = Array.from(family.starts, (start, row) => {
    const texts = labelNames.map((label, at) => [
      label,
      labelValues[row * labelNames.length + at]!,
    ]).filter(([label, text]) => !OF_SENDER.includes(label!) && text !== "");
    const labels = JSON.stringify(texts.sort());
    const counts = type !== "gauge" && type !== "info" && type !== "stateset";
    const since = counts ? Math.round(start * 1e3) : 0;
    const { numbers, histograms, summaries } = family;
    const histogram = histograms[row];
    const value = histogram === undefined
      ? numbers[row] ?? summaries[row]
      : histogramOf(histogram);
    return [labels, since, value] as const;
  });
  series.sort(([a], [b]) => a < b ? -1 : 1);
  return [name, { type, help, unit, series }] as const;
}

function familiesOf(registry: Registry) {
  const { families } = capture(registry);
  const found = families.filter(({ desc, starts }) =>
    starts.length > 0 && !/^(barograph|target)_/.test(desc.name)
  );
  return Object.fromEntries(found.map(normal));
}

for (const protocol of ["json", "protobuf"] as const) {
  for (const temporality of ["cumulative", "delta"] as const) {
    for (const names of ["exposed", "stripped"] as const) {
      const title = `${protocol}, ${temporality}, ${names} names`;
      test(`a registry arrives as it is: ${title}`, async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(call, { maxLength: 12 }), {
              minLength: 1,
              maxLength: 4,
            }),
            async (pushes) => {
              const clock = new FakeClock();
              const source = createRegistry({ clock, selfMetrics: false });
              const record = recorded(source);
              const { registry, receive, lines } = createWorld({ clock });
              const onError = (error: Error) => assert.fail(error);
              const exporter = otlpMetrics(source, {
                endpoint: "http://127.0.0.1:4318",
                resource: { "service.name": "shop" },
                fetch: (url, init) => receive(new Request(url, init)),
                interval: 0,
                timers: new FakeTimers(clock),
                clock,
                signals: false,
                protocol,
                temporality,
                names,
                onError,
              });
              for (const calls of pushes) {
                for (const each of calls) record(each);
                clock.advance(10);
                assert.equal(await exporter.push(), true);
                assert.deepEqual(familiesOf(registry), familiesOf(source));
              }
              await exporter.shutdown();
              assert.deepEqual(familiesOf(registry), familiesOf(source));
              assert.equal(receive.stats().rejected, 0);
              const faults = lines(/^barograph_receiver_delta_faults/)
                .filter((line) => / [1-9]\d*$/.test(line));
              assert.deepEqual(faults, []);
            },
          ),
          { numRuns: 20 },
        );
      });
    }
  }
}
