/** The application that all programs serve. */
import process from "node:process";
import { createRegistry, metricsHandler } from "../../../../mod.ts";
import { joinFleet } from "../../../../src/fleet/mod.ts";
import type { Counts } from "./counts.ts";
import { type Fault, joinFaultyFleet } from "./faulty_fleet.ts";

/**
 * Joins the fleet in the folder `FLEET_DIR`, with the fault `FLEET_FAULT` if it is
 * set, and returns the handler of the member `name`.
 */
export async function app(
  name: string,
): Promise<(request: Request) => Promise<Response>> {
  const counts = await join();
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/metrics") return await counts.metrics(request);
    if (pathname === "/block") block(Number(searchParams.get("ms")));
    if (pathname !== "/count") return new Response(name);
    counts.count(Math.random());
    if (searchParams.has("flush")) counts.flush();
    return new Response(name);
  };
}

/** Blocks the event loop for `milliseconds`. */
function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function join(): Promise<Counts> {
  const { FLEET_DIR = "", FLEET_FAULT } = process.env;
  if (FLEET_FAULT) return joinFaultyFleet(FLEET_FAULT as Fault, FLEET_DIR);
  const registry = createRegistry();
  const orders = registry.counter({
    name: "shop_orders_total",
    help: "Orders.",
  });
  const seconds = registry.histogram({
    name: "shop_order_duration_seconds",
    help: "Durations of orders.",
    buckets: [0.1, 0.5, 0.9],
  });
  const fleet = await joinFleet(registry, { service: "shop", dir: FLEET_DIR });
  return {
    count(duration) {
      orders.inc();
      seconds.observe(duration);
    },
    flush: () => fleet.flush(),
    metrics: metricsHandler(registry),
  };
}
