/** The cost of native buckets: finding the index, counting, and writing. */
import { bucketBound, bucketIndex } from "../src/base/internal.ts";
import {
  allFormats,
  expose,
  type Format,
  prometheusText,
} from "../src/encode/mod.ts";
import {
  createRegistry,
  DEFAULT_BUCKETS,
  type Registry,
} from "../src/metrics/mod.ts";
import type { Case, Question } from "./harness.ts";
import * as rival from "./rival.ts";

const TIMES = 500_000;
const SCHEMA = 3;

/** Seconds over four decades: all classic buckets, and 107 native ones. */
const VALUES = Float64Array.from(
  { length: 1024 },
  (_, i) => 10 ** ((i * 7919 % 1024) / 256 - 3),
);

/** Bounds for the lookup that the table replaced: bisection in a power of two. */
const BOUNDS = Float64Array.from(
  { length: 2 ** SCHEMA },
  (_, i) => bucketBound(i, SCHEMA) / 2,
);

function indexByHalving(value: number): number {
  const power = Math.floor(Math.log2(value)) + 1;
  const fraction = value / 2 ** power;
  let low = 0;
  let high = BOUNDS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (BOUNDS[middle]! < fraction) low = middle + 1;
    else high = middle;
  }
  return low + (power - 1) * BOUNDS.length;
}

/** A simple lookup, but off by one at many bounds. */
function indexByLogarithm(value: number): number {
  return Math.ceil(Math.log2(value) * 2 ** SCHEMA);
}

/** Keeps results alive, so that compilers cannot remove the work. */
let sum = 0;

export function nativeQuestions(): Question[] {
  const help = "Bench.";
  const registry = createRegistry();
  const classic = registry.histogram({ name: "classic", help });
  const native = registry.histogram({ name: "native", help, native: true });
  const finest = registry.histogram({
    name: "finest",
    help,
    native: { schema: 8, maxBuckets: 4096 },
  });
  const both = registry.histogram({
    name: "both",
    help,
    native: true,
    buckets: DEFAULT_BUCKETS,
  });
  const rivalBound = new rival.Histogram({
    name: "classic",
    help,
    registers: [new rival.Registry()],
  }).labels({});
  return [
    {
      title: "native bucket index, schema 3",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              sum += bucketIndex(VALUES[i & 1023]!, SCHEMA);
            }
            return sum;
          },
        },
        {
          name: "halving over the bounds (rejected)",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              sum += indexByHalving(VALUES[i & 1023]!);
            }
            return sum;
          },
        },
        {
          name: "a logarithm (off by one at bounds; rejected)",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) {
              sum += indexByLogarithm(VALUES[i & 1023]!);
            }
            return sum;
          },
        },
      ],
    },
    {
      title: "native `observe()`, 107 buckets, against their classic ones",
      unit: "ns",
      times: TIMES,
      cases: [
        {
          name: "barograph",
          role: "barograph",
          run: (n) => {
            for (let i = 0; i < n; i++) native.observe(VALUES[i & 1023]!);
          },
        },
        {
          name: "@prometheus-io/client",
          role: "rival",
          run: (n) => {
            for (let i = 0; i < n; i++) rivalBound.observe(VALUES[i & 1023]!);
          },
        },
        {
          name: "classic, 11 buckets",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) classic.observe(VALUES[i & 1023]!);
          },
        },
        {
          name: "native, schema 8",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) finest.observe(VALUES[i & 1023]!);
          },
        },
        {
          name: "native and classic",
          role: "reference",
          run: (n) => {
            for (let i = 0; i < n; i++) both.observe(VALUES[i & 1023]!);
          },
        },
      ],
    },
    formatsQuestion(),
  ];
}

/** Compares the formats with the same counters and histograms. */
function formatsQuestion(): Question {
  const registry = filled();
  const run = (format: Format): Case["run"] => (n) => {
    let bytes: unknown;
    for (let i = 0; i < n; i++) bytes = expose(registry, format);
    return bytes;
  };
  return {
    title: "scrape of 10 000 counters and 1 000 histograms, by format",
    unit: "ms",
    times: 5,
    cases: allFormats().map((format) => ({
      name: format === prometheusText ? "barograph" : format.id,
      role: format === prometheusText ? "barograph" : "reference",
      run: run(format),
    })),
  };
}

function filled(): Registry {
  const registry = createRegistry();
  const help = "Bench.";
  const labels = ["route", "status"] as const;
  const counter = registry.counter({ name: "c_total", help, labels });
  const histogram = registry.histogram({
    name: "h_seconds",
    help,
    labels,
    native: true,
    buckets: DEFAULT_BUCKETS,
  });
  for (let i = 0; i < 10_000; i++) counter.at(`/route/${i % 100}`, i).inc(i);
  for (let i = 0; i < 1000; i++) {
    const series = histogram.at(`/route/${i % 100}`, i);
    for (let n = 0; n < 50; n++) {
      series.observe(VALUES[(i * 31 + n * 7) & 1023]!);
    }
  }
  return registry;
}
