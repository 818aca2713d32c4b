/** What a full scrape costs: from the registry to the bytes of the body. */
import { expose, openMetrics, prometheusText } from "../src/encode/mod.ts";
import { createRegistry } from "../src/metrics/mod.ts";
import type { Question } from "./harness.ts";
import * as rival from "./rival.ts";

const help = "Bench.";
const METHODS = ["GET", "POST", "PUT"];

function labelsOf(i: number) {
  return {
    method: METHODS[i % 3]!,
    route: `/api/v1/route${i % 12}`,
    user: `user-${i}`,
  };
}

const NAMES = ["method", "route", "user"] as const;

/** `size` counters of three labels, one of them with `size` values. */
export function counters(size: number) {
  const registry = createRegistry();
  const family = registry.counter({
    name: "requests_total",
    help,
    labels: NAMES,
    maxSeries: size,
  });
  for (let i = 0; i < size; i++) family.with(labelsOf(i)).inc(i);
  return registry;
}

/** The same in the released client. */
export function rivalCounters(size: number) {
  const registry = new rival.Registry();
  const counter = new rival.Counter({
    name: "requests_total",
    help,
    labelNames: NAMES,
    registers: [registry],
  });
  for (let i = 0; i < size; i++) counter.labels(labelsOf(i)).inc(i);
  return registry;
}

function histograms(size: number) {
  const registry = createRegistry();
  const family = registry.histogram({
    name: "duration_seconds",
    help,
    labels: NAMES,
    maxSeries: size,
  });
  for (let i = 0; i < size; i++) {
    const series = family.with(labelsOf(i));
    for (let k = 0; k < 5; k++) {
      series.observe((i * 31 + k * 977) % 3000 / 1000);
    }
  }
  return registry;
}

function rivalHistograms(size: number) {
  const registry = new rival.Registry();
  const histogram = new rival.Histogram({
    name: "duration_seconds",
    help,
    labelNames: NAMES,
    registers: [registry],
  });
  for (let i = 0; i < size; i++) {
    const series = histogram.labels(labelsOf(i));
    for (let k = 0; k < 5; k++) {
      series.observe((i * 31 + k * 977) % 3000 / 1000);
    }
  }
  return registry;
}

function question(
  title: string,
  ours: ReturnType<typeof counters>,
  theirs: rival.RivalRegistry,
  times: number,
): Question {
  let sizeHint = 16_384;
  const encoder = new TextEncoder();
  return {
    title,
    unit: "ms",
    times,
    cases: [
      {
        name: "text 0.0.4",
        role: "barograph",
        run: (n) => {
          let length = 0;
          for (let i = 0; i < n; i++) {
            length = expose(ours, prometheusText, { sizeHint }).length;
            sizeHint = Math.ceil(length * 1.1); // as the handler does
          }
          return length;
        },
      },
      {
        name: "@prometheus-io/client",
        role: "rival",
        run: async (n) => {
          let length = 0;
          for (let i = 0; i < n; i++) {
            length = encoder.encode(await theirs.metrics()).length;
          }
          return length;
        },
      },
      {
        name: "OpenMetrics 1.0",
        role: "reference",
        run: (n) => {
          let length = 0;
          for (let i = 0; i < n; i++) {
            length = expose(ours, openMetrics, { sizeHint }).length;
          }
          return length;
        },
      },
    ],
  };
}

/** Made one by one, so that only one pair of registries is alive. */
export function* scrapeQuestions(): Generator<Question> {
  for (const [size, times] of [[10_000, 5], [100_000, 1]] as const) {
    const title = `scrape, ${size.toLocaleString("en")} counters`;
    yield question(title, counters(size), rivalCounters(size), times);
  }
  const title = "scrape, 10,000 histograms of 11 buckets";
  yield question(title, histograms(10_000), rivalHistograms(10_000), 1);
}
