/// <reference types="npm:bun-types@1.4.5" />
/**
 * A fleet of processes that share a port, on Bun and Deno: start it several
 * times. The kernel chooses which process answers.
 *
 *     bun examples/fleet_reuse_port.ts
 *     deno run --unstable-net --allow-net --allow-env=FLEET_DIR,PORT \
 *       --allow-read=/tmp --allow-write=/tmp examples/fleet_reuse_port.ts
 */
import process from "node:process";
import { createTelemetry } from "../mod.ts";

const telemetry = createTelemetry({
  service: "shop",
  fleet: { dir: process.env["FLEET_DIR"] },
});
const orders = telemetry.registry.counter({
  name: "shop_orders_total",
  help: "Orders.",
});
const app = telemetry.observe((_request: Request, _info?: unknown) => {
  orders.inc();
  return new Response("thank you\n");
}, { route: "/" });

const port = Number(process.env["PORT"] ?? 8000);
if (typeof Bun !== "undefined") {
  const server = Bun.serve({ port, reusePort: true, fetch: app });
  onEnd(() => server.stop());
} else {
  const server = Deno.serve({ port, reusePort: true }, app);
  onEnd(() => server.shutdown());
}

/** Publishes the last counts before the process ends. */
function onEnd(stop: () => Promise<void>): void {
  process.on("SIGTERM", async () => {
    await stop();
    await telemetry.close();
    process.exit();
  });
}
