/**
 * The cost of a record through OpenTelemetry's API: our meters beside those of
 * OpenTelemetry's SDK.
 *
 * Alone: `deno run -A bench/otel_bench.ts`, `bun run bench/otel_bench.ts`, or
 * `node bench/otel_bench.ts` on Node 24.
 */
import { createRegistry } from "../src/metrics/mod.ts";
import { asMeterProvider } from "../src/otel/mod.ts";
import { measure, type Question, tableOf } from "./harness.ts";
import { otelMeter } from "./otel_metrics.ts";
import { TUPLES } from "./record_bench.ts";

const TIMES = 200_000;

/** Returns the questions; each case has its own loop. */
export function otelQuestions(): readonly Question[] {
  const meter = asMeterProvider(createRegistry()).getMeter("bench");
  const counter = meter.createCounter("c_total");
  const histogram = meter.createHistogram("duration_seconds", { unit: "s" });
  const plain = asMeterProvider(createRegistry(), { exemplars: false })
    .getMeter("bench").createCounter("c_total");
  const { meter: sdk } = otelMeter(TUPLES.length);
  const sdkCounter = sdk.createCounter("c_total");
  const sdkHistogram = sdk.createHistogram("duration_seconds", { unit: "s" });
  const size = TUPLES.length;
  return [
    {
      title: "OpenTelemetry's API: `counter.add(1, {3 attributes})`",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "asMeterProvider",
          role: "barograph",
          run(n) {
            for (let i = 0; i < n; i++) counter.add(1, TUPLES[i % size]!);
          },
        },
        {
          name: "OpenTelemetry 3.1",
          role: "rival",
          run(n) {
            for (let i = 0; i < n; i++) sdkCounter.add(1, TUPLES[i % size]!);
          },
        },
        {
          name: "without exemplars",
          role: "reference",
          run(n) {
            for (let i = 0; i < n; i++) plain.add(1, TUPLES[i % size]!);
          },
        },
      ],
    },
    {
      title: "OpenTelemetry's API: `counter.add(1, {…})`, a new object each",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "asMeterProvider",
          role: "barograph",
          run(n) {
            for (let i = 0; i < n; i++) {
              const { method, route, status } = TUPLES[i % size]!;
              counter.add(1, { method, route, status });
            }
          },
        },
        {
          name: "OpenTelemetry 3.1",
          role: "rival",
          run(n) {
            for (let i = 0; i < n; i++) {
              const { method, route, status } = TUPLES[i % size]!;
              sdkCounter.add(1, { method, route, status });
            }
          },
        },
      ],
    },
    {
      title: "OpenTelemetry's API: `histogram.record(v, {3 attributes})`",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "asMeterProvider",
          role: "barograph",
          run(n) {
            for (let i = 0; i < n; i++) {
              histogram.record((i & 1023) / 1000, TUPLES[i % size]!);
            }
          },
        },
        {
          name: "OpenTelemetry 3.1",
          role: "rival",
          run(n) {
            for (let i = 0; i < n; i++) {
              sdkHistogram.record((i & 1023) / 1000, TUPLES[i % size]!);
            }
          },
        },
      ],
    },
  ];
}

if (import.meta.main) {
  const results = [];
  for (const question of otelQuestions()) results.push(await measure(question));
  console.log(tableOf(results));
}
