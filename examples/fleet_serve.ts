/**
 * A fleet of threads: `deno serve` runs this module in each of them.
 *
 *     deno serve --parallel --allow-net --allow-env=FLEET_DIR \
 *       --allow-read=/tmp --allow-write=/tmp examples/fleet_serve.ts
 *     curl localhost:8000/ localhost:8000/metrics
 *
 * Runs on Deno.
 */
import process from "node:process";
import { counter, observe } from "../mod.ts";

const orders = counter({ name: "shop_orders_total", help: "Orders." });

export default {
  fetch: observe(() => {
    orders.inc();
    return new Response("thank you\n");
  }, {
    route: "/",
    fleet: { service: "shop", dir: process.env["FLEET_DIR"] },
  }),
};
