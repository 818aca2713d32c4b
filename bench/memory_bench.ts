/**
 * What a series costs in memory, heap and typed arrays together: 100 000
 * counters of three labels, one of them with 100 000 values.
 */
import { expose, prometheusText } from "../src/encode/mod.ts";
import { collectGarbage, type Result, resultOf } from "./harness.ts";
import { counters, rivalCounters } from "./scrape_bench.ts";

const SIZE = 100_000;

/** Bytes in use after a full collection. */
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
  // Once before: what the code itself needs is not counted.
  counters(100);
  rivalCounters(100);
  const ours = await perSeries(
    () => counters(SIZE),
    (made: ReturnType<typeof counters>) => expose(made, prometheusText).length,
  );
  const theirs = await perSeries(
    () => rivalCounters(SIZE),
    (made: ReturnType<typeof rivalCounters>) => made.metrics(),
  );
  const cases = [
    { name: "barograph", role: "barograph" },
    { name: "rival", role: "rival" },
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
