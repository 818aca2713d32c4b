/**
 * The metrics of a fleet on a separate port: a process that joins, counts nothing
 * and serves the sum. Start it next to the members, on the same runtime.
 *
 *     deno run --allow-net --allow-env=FLEET_DIR,PORT \
 *       --allow-read=/tmp --allow-write=/tmp examples/fleet_metrics.ts
 *     curl localhost:9090/metrics
 */
import process from "node:process";
import { createRegistry } from "../mod.ts";
import { joinFleet } from "../src/fleet/mod.ts";
import { serveTelemetry } from "../src/server/mod.ts";

const registry = createRegistry();
await joinFleet(registry, {
  service: "shop",
  dir: process.env["FLEET_DIR"],
});
await serveTelemetry({ registry, port: Number(process.env["PORT"] ?? 9090) });
