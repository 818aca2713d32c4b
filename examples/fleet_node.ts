/**
 * A member of a fleet on `node:http`. pm2, systemd and containers start it several
 * times (see `examples/operations/`), and so does `fleet_cluster.ts`.
 *
 *     PORT=8001 node examples/fleet_node.ts
 */
import { createServer } from "node:http";
import process from "node:process";
import { createTelemetry } from "../mod.ts";
import { nodeHandler } from "../src/frameworks/mod.ts";

const telemetry = createTelemetry({
  service: "shop",
  fleet: { dir: process.env["FLEET_DIR"] },
});
const orders = telemetry.registry.counter({
  name: "shop_orders_total",
  help: "Orders.",
});
const app = telemetry.observe(() => {
  orders.inc();
  return new Response("thank you\n");
}, { route: "/" });

const server = createServer(nodeHandler(app));
server.listen(Number(process.env["PORT"] ?? 8000));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close(async () => { // the requests in flight have their answers
      await telemetry.close(); // publishes the last counts
      process.exit();
    });
  });
}
