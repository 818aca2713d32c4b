/**
 * Memory per series, heap and typed arrays together, of 100 000 counters with
 * three labels, one of them with 100 000 values. Measured before the first scrape
 * and after it, with the exposition cache.
 */
import { ExpositionCache, prometheusText } from "../src/encode/mod.ts";
import { createRegistry } from "../src/metrics/mod.ts";
import type { Source } from "../src/model/mod.ts";
import { collectGarbage, type Result, resultOf } from "./harness.ts";
import { countersOf, theirCounters } from "./fixtures.ts";
import type { RivalRegistry } from "./rival.ts";

const SIZE = 100_000;

/** Returns the bytes in use after a full garbage collection. */
function inUse(): number {
  for (let i = 0; i < 3; i++) collectGarbage();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

const kept: unknown[] = [];

async function perSeries(
  make: () => unknown,
  scrape: (made: never) => unknown,
): Promise<readonly [number, number]> {
  const before = inUse();
  const made = make();
  kept.push(made);
  const fresh = (inUse() - before) / SIZE;
  await scrape(made as never);
  return [fresh, (inUse() - before) / SIZE];
}

export async function memoryResults(): Promise<Result[]> {
  // Run once before, so that the memory of the code does not count.
  countersOf(100);
  theirCounters(100);
  const ours = await perSeries(
    () => countersOf(SIZE).registry,
    (made: Source) => {
      const cache = new ExpositionCache(prometheusText, { left: Infinity });
      for (const _batch of cache.owned(made));
      kept.push(cache);
    },
  );
  const theirs = await perSeries(
    () => theirCounters(SIZE).registry,
    (made: RivalRegistry) => made.metrics(),
  );
  const cases = [
    { name: "barograph", role: "barograph" },
    { name: "@prometheus-io/client", role: "rival" },
  ] as const;
  return ["before", "after"].map((when, i) =>
    resultOf(
      `memory of a series, ${when} the first scrape`,
      "bytes",
      cases,
      [ours[i]!, theirs[i]!],
    )
  );
}

const NATIVE_SERIES = 1000;
const OBSERVATIONS = 4_000_000;

/** Returns values over four decades: 107 buckets of schema 3. */
function usual(i: number): number {
  return 10 ** ((i * 7919 % 1024) / 256 - 3);
}

/** Returns values as far apart as possible, of both signs. */
function adverse(i: number): number {
  const value = 2 ** ((i * 7919 % 2000) - 1000);
  return i % 2 === 0 ? value : -value;
}

function nativeSeries(valueAt: (i: number) => number): unknown {
  const registry = createRegistry();
  const family = registry.histogram({
    name: "x",
    help: "Bench.",
    labels: ["series"],
    native: true,
  });
  for (let series = 0; series < NATIVE_SERIES; series++) {
    const histogram = family.at(series);
    for (let i = 0; i < 2000; i++) histogram.observe(valueAt(i));
  }
  return registry;
}

/** Returns the garbage per observation in bytes, if no collection runs meanwhile. */
function allocatedEach(): number {
  const histogram = createRegistry()
    .histogram({ name: "x", help: "Bench.", native: true });
  const observe = (times: number): void => {
    for (let i = 0; i < times; i++) histogram.observe(VALUES[i & 1023]!);
  };
  observe(OBSERVATIONS);
  const before = process.memoryUsage().heapUsed;
  observe(OBSERVATIONS);
  return Math.max(0, process.memoryUsage().heapUsed - before) / OBSERVATIONS;
}

const VALUES = Float64Array.from({ length: 1024 }, (_, i) => usual(i));

/** Measures the memory of native buckets, for usual and for adverse values. */
export function nativeMemoryResults(): Result[] {
  const bytes = [usual, adverse].map((valueAt) => {
    const before = inUse();
    kept.push(nativeSeries(valueAt));
    return (inUse() - before) / NATIVE_SERIES;
  });
  return [
    resultOf(
      "memory of a native series of 107 buckets",
      "bytes",
      [
        { name: "barograph", role: "barograph" },
        { name: "after values as far apart as possible", role: "reference" },
      ],
      bytes,
    ),
    resultOf(
      "allocated by a native `observe()`",
      "bytes",
      [{ name: "barograph", role: "barograph" }],
      [allocatedEach()],
    ),
  ];
}
