/** The cost of an observation in other clients, for reference. */
import * as promClient from "prom-client";
import type { Case } from "./harness.ts";
import { otelMeter } from "./otel_metrics.ts";
import type * as rival from "./rival.ts";

const { Registry, Counter, Histogram } = promClient as unknown as Pick<
  typeof rival,
  "Registry" | "Counter" | "Histogram"
>;

type Tuple = Readonly<Record<string, string>>;

/** Returns cases by the title of their question; each case has its own loop. */
export function othersOf(
  labelNames: readonly string[],
  tuples: readonly Tuple[],
  values: Float64Array,
): Readonly<Record<string, readonly Case[]>> {
  const help = "Bench.";
  const size = tuples.length;
  const registers = [new Registry()];
  const plain = new Counter({ name: "plain_total", help, registers });
  const counter = new Counter({ name: "c_total", help, labelNames, registers });
  const histogram = new Histogram({ name: "h", help, labelNames, registers });
  const boundCounter = counter.labels(tuples[7]!);
  const boundHistogram = histogram.labels(tuples[7]!);
  const { meter } = otelMeter(size);
  const otelCounter = meter.createCounter("c_total");
  const otelHistogram = meter.createHistogram("duration_seconds");
  const client = (run: Case["run"]): Case => {
    return { name: "prom-client", role: "reference", run };
  };
  const otel = (run: Case["run"]): Case => {
    return { name: "OpenTelemetry", role: "reference", run };
  };
  return {
    "`inc()` without labels": [
      client((n) => {
        for (let i = 0; i < n; i++) plain.inc();
      }),
    ],
    "bound `inc()`": [
      client((n) => {
        for (let i = 0; i < n; i++) boundCounter.inc();
      }),
    ],
    "`with({3 labels}).inc()`, 180 label sets": [
      client((n) => {
        for (let i = 0; i < n; i++) counter.inc(tuples[i % size]!);
      }),
      otel((n) => {
        for (let i = 0; i < n; i++) otelCounter.add(1, tuples[i % size]!);
      }),
    ],
    "bound `observe()`, 11 buckets": [
      client((n) => {
        for (let i = 0; i < n; i++) boundHistogram.observe(values[i & 1023]!);
      }),
    ],
    "`with({3 labels}).observe()`, 180 label sets": [
      client((n) => {
        for (let i = 0; i < n; i++) {
          histogram.observe(tuples[i % size]!, values[i & 1023]!);
        }
      }),
      otel((n) => {
        for (let i = 0; i < n; i++) {
          otelHistogram.record(values[i & 1023]!, tuples[i % size]!);
        }
      }),
    ],
  };
}
