/**
 * Getting started: a counter, a histogram, a child span in each request, and the
 * live page, whose address is printed.
 *
 *     deno run --allow-net --allow-env examples/getting_started.ts
 *     bun examples/getting_started.ts
 *     node examples/getting_started.ts
 *
 * Runs on Deno, Bun and Node. PORT is the port; default: 8000.
 */
import { createServer } from "node:http";
import { env } from "node:process";
import {
  counter,
  createTelemetry,
  histogram,
  record,
  stopwatch,
} from "../mod.ts";
import { dashboard } from "../src/dashboard/mod.ts";
import { nodeHandler } from "../src/frameworks/mod.ts";

const orders = counter({
  name: "shop_orders_total",
  help: "Orders accepted, by payment method.",
  labels: ["payment"],
});
const items = histogram({
  name: "shop_order_items",
  help: "Items of an order.",
  buckets: [1, 2, 5, 10, 20],
});

async function order(request: Request): Promise<Response> {
  const watch = stopwatch();
  await new Promise((done) => setTimeout(done, 20)); // the payment provider
  record("payment.charge", watch); // a child span of the request
  orders.with({ payment: "card" }).inc();
  items.observe(Number(new URL(request.url).searchParams.get("items") ?? 1));
  return new Response("thank you");
}

const telemetry = createTelemetry({ service: "shop" });
const handler = telemetry.observe(order, {
  route: "/",
  events: "/events",
  dashboard: dashboard("/_barograph"),
});

const port = Number(env["PORT"] ?? 8000);
createServer(nodeHandler(handler)).listen(port);
console.log(`http://localhost:${port}/metrics`);
