/**
 * A fleet of workers behind a proxy, with a separate telemetry server. Gauges
 * are read at each scrape; everything else is recorded.
 *
 *     deno run --allow-net examples/worker_fleet.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry } from "../mod.ts";
import { workerFleet } from "../src/recorders/presets/worker_fleet.ts";
import { serveTelemetry } from "../src/server/mod.ts";

const registry = createRegistry();
const sessions = new Map<string, string>();
const workers = new Map<string, "busy" | "idle" | "draining">();

const fleet = workerFleet.on(registry, {
  current: {
    sessionsActive: (report) => report(sessions.size),
    workersActive: (report) => report(workers.size),
    workers: (report) => {
      const counts = { busy: 0, idle: 0, draining: 0 };
      for (const state of workers.values()) counts[state]++;
      for (const state of ["busy", "idle", "draining"] as const) {
        report(counts[state], { state });
      }
    },
  },
});

await using server = await serveTelemetry({
  registry,
  port: 0,
  checks: { workers: () => workers.size > 0 },
});
const base = server.address.replace("/metrics", "");

workers.set("w1", "busy").set("w2", "idle");
fleet.workerSpawned(1.5);
fleet.workerSpawned(0.7);
sessions.set("s1", "w1");
fleet.proxyRequest("notebook", 200);
fleet.proxyRequest(undefined, 404); // no such app
fleet.proxyRequestDuration(0.02);
console.log(await (await fetch(`${base}/ready`)).text());

sessions.clear(); // the next scrape reads 0 sessions
workers.delete("w2");
fleet.workerStopped("idle_timeout");
console.log(await (await fetch(server.address)).text());
