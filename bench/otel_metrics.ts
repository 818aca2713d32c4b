/** OpenTelemetry's metrics SDK with its Prometheus exporter. */
import {
  PrometheusExporter,
  PrometheusSerializer,
} from "@opentelemetry/exporter-prometheus";
import { AggregationType, MeterProvider } from "@opentelemetry/sdk-metrics";
import { labelsOf } from "./series.ts";

/** The default bounds of the other clients. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Returns a meter, and a function that writes its exposition. */
export function otelMeter(size: number) {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({
    readers: [exporter],
    views: [
      {
        instrumentName: "*_total",
        aggregationCardinalityLimit: size + 1,
      },
      {
        instrumentName: "*duration_seconds",
        aggregationCardinalityLimit: size + 1,
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: BOUNDS },
        },
      },
    ],
  });
  const serializer = new PrometheusSerializer();
  return {
    meter: provider.getMeter("bench"),
    scrape: async (): Promise<string> =>
      serializer.serialize((await exporter.collect()).resourceMetrics),
  };
}

/** Creates `size` counters with three labels. */
export function otelCounters(size: number) {
  const { meter, scrape } = otelMeter(size);
  const counter = meter.createCounter("requests_total");
  for (let i = 0; i < size; i++) counter.add(i, labelsOf(i));
  return { scrape, change: (i: number) => counter.add(1, labelsOf(i)) };
}

/** Creates `size` histograms with three labels and 11 buckets. */
export function otelHistograms(size: number) {
  const { meter, scrape } = otelMeter(size);
  const histogram = meter.createHistogram("duration_seconds");
  const change = (i: number): void =>
    histogram.record((i * 31) % 3000 / 1000, labelsOf(i));
  for (let i = 0; i < size; i++) change(i);
  return { scrape, change };
}
