/**
 * A worker without an HTTP server: metrics and health checks (liveness, readiness)
 * are on a loopback port. On SIGTERM, it reports "not ready", finishes its job and
 * stops.
 *
 *     deno run --allow-net --allow-env examples/telemetry_server.ts
 *     bun examples/telemetry_server.ts
 *     node examples/telemetry_server.ts
 *
 * Runs on Deno, Bun and Node. PORT is the port; default: 9090.
 */
import process from "node:process";
import { createTelemetry } from "../mod.ts";
import { serveTelemetry } from "../src/server/mod.ts";

const telemetry = createTelemetry({ service: "thumbnails" });
const thumbnails = telemetry.registry.counter({
  name: "thumbnails_made_total",
  help: "Thumbnails, by how they ended.",
  labels: ["outcome"],
});
thumbnails.with({ outcome: "failed" }).inc(0); // its series exists from the start

let isStopping = false;

const server = await serveTelemetry({
  registry: telemetry.registry,
  port: Number(process.env["PORT"] ?? 9090),
  title: "Thumbnails",
  checks: { running: () => !isStopping },
  describe: { name: "thumbnails" },
});
console.log(`Metrics are at ${server.address}`);

process.once("SIGTERM", () => isStopping = true);

while (!isStopping) {
  await telemetry.tracer.run("thumbnail", async () => {
    await new Promise((resolve) => setTimeout(resolve, 20)); // the work
    thumbnails.with({ outcome: "done" }).inc();
  });
}
await server.stop();
await telemetry.close();
