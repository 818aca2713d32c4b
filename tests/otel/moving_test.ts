/** A move from OpenTelemetry's Prometheus exporter keeps the series. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Meter, MeterProvider as ApiProvider } from "@opentelemetry/api";
import {
  PrometheusExporter,
  PrometheusSerializer,
} from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { MeterProviderOptions } from "../../src/otel/mod.ts";
import { linesOf, meters, refreshed } from "./meters.ts";

function record(meter: Meter): void {
  meter.createCounter("orders").add(3, { "payment.method": "card" });
  meter.createCounter("data.sent", { unit: "By" }).add(5);
  meter.createHistogram("latency", { unit: "ms" }).record(12);
  const advice = { explicitBucketBoundaries: [0.5, 1] };
  meter.createHistogram("job", { unit: "s", advice }).record(0.7);
  meter.createUpDownCounter("queue").add(-2, { kind: "mail" });
  meter.createGauge("temperature", { unit: "Cel" }).record(20);
  meter.createObservableGauge("used", { unit: "1" })
    .addCallback((result) => result.observe(0.5));
}

/** Returns lines in one order, with one spelling of bounds. */
function normal(lines: readonly string[]): string[] {
  const inOrder = (labels: string) => labels.split(",").sort().join(",");
  return lines.filter((line) => !/^#|^target_info|^$/.test(line))
    .map((line) => line.replace(/le="(\d+)"/, 'le="$1.0"'))
    .map((line) => line.replace(/(?<={).*(?=})/, inOrder))
    .sort();
}

const MOVES: Readonly<Record<string, MeterProviderOptions>> = {
  "": {},
  shop: { instruments: ({ name }) => ({ name: `shop.${name}` }) },
};

for (const [prefix, options] of Object.entries(MOVES)) {
  test(`the series of the exporter with prefix "${prefix}" stay`, async () => {
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const theirs = new MeterProvider({ readers: [exporter] });
    record(theirs.getMeter("test", "1.0") as Meter);
    const { resourceMetrics } = await exporter.collect();
    const text = new PrometheusSerializer(prefix).serialize(resourceMetrics);
    await theirs.shutdown();
    const { registry, provider } = meters({
      scope: true,
      translation: "UnderscoreEscapingWithoutSuffixes",
      ...options,
    });
    record((provider as ApiProvider).getMeter("test", "1.0"));
    await refreshed(registry);
    assert.deepEqual(normal(linesOf(registry)), normal(text.split("\n")));
  });
}
