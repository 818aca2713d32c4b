/**
 * A service in production: the application on port 8000; metrics, probes, events
 * and the live page on port 9464. The files in `examples/operations/` run it
 * under Docker, Kubernetes and systemd, scrape it and alert on it.
 *
 *     deno run --allow-net --allow-env examples/operations.ts
 *     bun examples/operations.ts
 *     node examples/operations.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createServer } from "node:http";
import process from "node:process";
import { dashboard } from "../src/dashboard/mod.ts";
import { nodeHandler } from "../src/frameworks/mod.ts";
import { bearer } from "../src/http/mod.ts";
import { serveTelemetry } from "../src/server/mod.ts";
import { app, telemetry } from "./operations/shop.ts";

const { env } = process;
const token = env["BAROGRAPH_TOKEN"];

const shop = createServer(nodeHandler(app));
const { registry, bus, tracer } = telemetry;
const server = await serveTelemetry({
  registry,
  bus,
  port: Number(env["TELEMETRY_PORT"] ?? 9464),
  hostname: env["TELEMETRY_HOST"], // default: 127.0.0.1; a container: 0.0.0.0
  authorize: token === undefined ? undefined : bearer(token),
  checks: { shop: () => shop.listening }, // for /ready
  dashboard: dashboard("/_barograph", { tracer, service: "shop" }),
});
shop.listen(Number(env["PORT"] ?? 8000));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    // Finishes the open requests. From now on, /ready is 503.
    await new Promise((resolve) => shop.close(resolve));
    await server.stop();
    await telemetry.close(); // sends the last spans
    process.exit();
  });
}
