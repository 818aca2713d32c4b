/**
 * A member of a fleet that is measured. It answers an `Order` per line of input,
 * in JSON, and exits at the end of its input. The argument is the directory of
 * the fleet. Its ticks are so rare that none falls into a measurement.
 */
import process, { argv, exit, stdin } from "node:process";
import { createInterface } from "node:readline";
import { createRegistry, metricsHandler } from "../mod.ts";
import { joinFleet } from "../src/fleet/mod.ts";
import { collectGarbage, cpuTime } from "./harness.ts";
import { labelsOf, NAMES } from "./series.ts";

/** The number of series of each member. */
export const SERIES = 10_000;

/** A command that the bench writes to a member. */
export type Order =
  /** Increments this percentage of the series, then publishes; 0: repeatedly. */
  | { readonly change: number }
  /** Requests the metrics, as Prometheus does. */
  | { readonly scrape: true }
  /** Collects garbage and returns the bytes that remain. */
  | { readonly memory: true };

const registry = createRegistry();
const counter = registry.counter({
  name: "bench_events_total",
  help: "Of the bench.",
  labels: NAMES,
  maxSeries: SERIES,
});
const series = Array.from(
  { length: SERIES },
  (_, i) => counter.with(labelsOf(i)),
);
for (const one of series) one.inc();
const handler = metricsHandler(registry);

/** The headers of Prometheus 3. */
const headers = {
  accept: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;" +
    "q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
  "accept-encoding": "gzip",
};

async function scrape(): Promise<number> {
  const start = performance.now();
  const response = await handler(
    new Request("http://localhost/metrics", { headers }),
  );
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`Status ${response.status}`);
  return performance.now() - start;
}

async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The first line that a member writes. */
export interface Begin {
  /** The bytes of its heap before it joined. */
  readonly alone: number;
  /** Processor milliseconds until it had joined and answered the first scrape. */
  readonly join: number;
}

await scrape();
const alone = await memory();
const start = cpuTime();
const fleet = await joinFleet(registry, {
  service: "bench",
  dir: argv[2]!,
  interval: 3600,
});
if (fleet.member === undefined) throw new Error("Cannot join");
await scrape();
const begin: Begin = { alone, join: cpuTime() - start };

/** Returns the milliseconds of one of some publishes in a row. */
function publish(times: number): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) fleet.flush();
  return (performance.now() - start) / times;
}

/** Publishes of an unchanged registry, which are too short for one alone. */
const UNCHANGED = 50;

let offset = 0;

/** Increments series that are spread over all of them. */
function change(percentage: number): void {
  const step = 100 / percentage;
  if (percentage > 0) {
    for (let i = offset++ % step; i < SERIES; i += step) series[i]!.inc();
  }
}

function obey(order: Order): unknown {
  if ("scrape" in order) return scrape();
  if ("memory" in order) return memory();
  change(order.change);
  return publish(order.change === 0 ? UNCHANGED : 1);
}

console.log(JSON.stringify(begin));
for await (const line of createInterface({ input: stdin })) {
  console.log(JSON.stringify(await obey(JSON.parse(line))));
}
exit();
