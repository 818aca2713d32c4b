/**
 * A fleet of worker threads, on Deno, Bun and Node: the workers do the jobs, and
 * the main thread serves the sum of their metrics.
 *
 *     deno run --allow-net --allow-env=FLEET_DIR,PORT \
 *       --allow-read --allow-write=/tmp examples/fleet_workers.ts
 *     curl localhost:9090/metrics
 */
import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { createRegistry } from "../mod.ts";
import { joinFleet } from "../src/fleet/mod.ts";
import { serveTelemetry } from "../src/server/mod.ts";

const registry = createRegistry();
const jobs = registry.counter({ name: "shop_jobs_total", help: "Jobs." });
const joining = joinFleet(registry, {
  service: "shop",
  dir: process.env["FLEET_DIR"],
});

if (isMainThread) {
  await joining;
  const port = Number(process.env["PORT"] ?? 9090);
  await serveTelemetry({ registry, port });
  for (let count = 0; count < 2; count++) {
    const worker = new Worker(new URL(import.meta.url));
    for (let job = 0; job < 3; job++) worker.postMessage(job);
  }
} else {
  // Before joining: Deno drops messages that arrive before there is a listener.
  parentPort!.on("message", async (_job) => {
    jobs.inc();
    const fleet = await joining;
    fleet.flush(); // a terminated Worker loses nothing that it has flushed
  });
}
