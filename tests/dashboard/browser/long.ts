/**
 * Shows the page of a large application for minutes, and reports what that costs
 * the browser: 2000 series that all change, and 500 spans, each second.
 *
 *     deno task page:long
 *
 * - `BAROGRAPH_SECONDS` is the time for each view. Default: 120.
 * - Script, layout and tasks are milliseconds of the main thread a second, by
 *   `Performance.getMetrics`; the heap is measured after a collection.
 * - Fails if the least heap of the second half of the time is larger than that of
 *   the first half by a tenth. Work under way makes peaks, a leak lifts the floor.
 */
import assert from "node:assert/strict";
import { env } from "node:process";
import { Chromium, DESK, type Tab } from "./browser.ts";
import { Stage } from "./stage.ts";

const SECONDS = Number(env["BAROGRAPH_SECONDS"] || 120);

const VIEWS = {
  overview: "#/overview",
  "metrics, 2000 series": "#/metrics/shop_searches_total?by=term&range=5m",
  traces: "#/traces",
} as const;

const COSTS = {
  script: "ScriptDuration",
  layout: "LayoutDuration",
  style: "RecalcStyleDuration",
  tasks: "TaskDuration",
} as const;

type Costs = Record<keyof typeof COSTS, number>;

async function costs(tab: Tab): Promise<Costs> {
  const metrics = await tab.page.metrics();
  const entries = Object.entries(COSTS).map(([name, metric]) => [
    name,
    (metrics[metric] ?? NaN) * 1000,
  ]);
  return Object.fromEntries(entries);
}

/** Runs `work` once a second, `SECONDS` times. */
async function eachSecond(work: (second: number) => Promise<void>) {
  const start = performance.now();
  for (let second = 1; second <= SECONDS; second++) {
    await work(second);
    const wait = start + second * 1000 - performance.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

await using stage = await Stage.open(360, { terms: 2000, isBusy: true });
await using chromium = await Chromium.start();
for (const [name, hash] of Object.entries(VIEWS)) {
  await using tab = await chromium.tab();
  await tab.look(DESK);
  await tab.go(stage.address(hash));
  const heaps: number[] = [];
  let before: Costs | undefined;
  await eachSecond(async (second) => {
    await stage.shop.run(1);
    // The lists of the page are full after a while; the first seconds are no growth.
    if (second === Math.ceil(SECONDS / 6)) before = await costs(tab);
    const isDue = second % Math.ceil(SECONDS / 12) === 0;
    if (before !== undefined && isDue) heaps.push(await tab.heap());
  });
  const after = await costs(tab);
  const measured = SECONDS - Math.ceil(SECONDS / 6);
  const words = Object.keys(COSTS).map((key) => {
    const cost = after[key as keyof Costs] - before![key as keyof Costs];
    return `${key} ${(cost / measured).toFixed(1)} ms`;
  });
  console.log(`${name}: ${words.join(", ")} a second`);
  console.log(`  heap ${heaps.map(megabytes).join(", ")}`);
  const half = heaps.length >> 1;
  const [first, second] = [heaps.slice(0, half), heaps.slice(half)].map((all) =>
    Math.min(...all)
  );
  assert.ok(second! < first! * 1.1, `the heap of ${name} grows`);
  assert.deepEqual(tab.faults(), [], name);
}
