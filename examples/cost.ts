/**
 * Measures on this machine: the time of a record, for each way to pass labels, and
 * of a scrape, for several shares of changed series, with and without the cache.
 *
 *     deno run --allow-env examples/cost.ts
 *     bun examples/cost.ts
 *     SERIES=100000 node examples/cost.ts
 *
 * Runs on Deno, Bun and Node. SERIES is the number of series; default: 10000.
 */
import { env } from "node:process";
import { createRegistry } from "../mod.ts";
import { metricsHandler } from "../src/http/mod.ts";

const count = Number(env["SERIES"] ?? 10_000);
const registry = createRegistry();
const views = registry.counter({
  name: "page_views_total",
  help: "Views by page and country.",
  labels: ["page", "country"],
  maxSeries: count,
});
const labels = Array.from({ length: count }, (_, page) => `/pages/${page}`);
const bound = labels.map((page) => views.with({ page, country: "de" }));

/** Prints the nanoseconds of a call, over a million of them. */
function record(title: string, call: (at: number) => void): void {
  const start = performance.now();
  for (let i = 0; i < 1_000_000; i++) call(i % count);
  console.log(`${title}: ${(performance.now() - start).toFixed(1)} ns`);
}

record("bound inc()", (at) => bound[at]!.inc());
record("at(…).inc()", (at) => views.at(labels[at]!, "de").inc());
record(
  "with({…}).inc()",
  (at) => views.with({ page: labels[at]!, country: "de" }).inc(),
);

/** Returns the milliseconds of the best of twelve scrapes. */
async function scrape(keep: number, share: number): Promise<string> {
  const metrics = metricsHandler(registry, { keep });
  let best = Infinity;
  for (let round = 0; round < 12; round++) {
    for (const one of bound) if (Math.random() < share) one.inc();
    const start = performance.now();
    const response = await metrics(new Request("http://localhost/metrics"));
    await response.arrayBuffer();
    best = Math.min(best, performance.now() - start);
  }
  return best.toFixed(1);
}

for (const share of [0, 0.01, 1]) {
  const times = [await scrape(2 ** 28, share), await scrape(0, share)];
  console.log(`${share * 100} % changed: ${times.join(" ms, without cache ")}`);
}
