/** The application that all programs serve. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { createRegistry, metricsHandler } from "../../../../mod.ts";
import { joinFleet } from "../../../../src/fleet/mod.ts";
import type { Counts } from "./counts.ts";
import { type Fault, joinFaultyFleet } from "./faulty_fleet.ts";

/**
 * Joins the fleet in the folder `FLEET_DIR`, or none if it is not set, with the
 * fault `FLEET_FAULT` if it is set. Returns the handler of the member `name`.
 */
export async function app(
  name: string,
): Promise<(request: Request) => Promise<Response>> {
  const counts = await join();
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/metrics") {
      return await timed(name, () => counts.metrics(request));
    }
    if (pathname === "/slot") return new Response(String(counts.slot));
    if (pathname === "/block") block(Number(searchParams.get("ms")));
    if (pathname !== "/count") return new Response(name);
    counts.count(Math.random());
    if (searchParams.has("flush")) counts.flush();
    return new Response(name);
  };
}

/**
 * Adds to an answer who has made it, and for how many milliseconds the handler has
 * worked or waited.
 */
async function timed(
  name: string,
  answer: () => Promise<Response>,
): Promise<Response> {
  const earlier = queued();
  const begun = performance.now();
  const response = await answer();
  const body = await response.arrayBuffer();
  const took = performance.now() - begun - queuedSince(earlier);
  const headers = new Headers(response.headers);
  headers.set("x-member", name);
  headers.set("x-took", took.toFixed(3));
  return new Response(body, { status: response.status, headers });
}

/**
 * Returns for how many milliseconds each thread of this process could have run
 * while others had the processor: a thread may wait for a lock that another one
 * holds. Empty where there is no procfs.
 */
function queued(): Map<string, number> {
  const tasks = "/proc/self/task";
  const spans = new Map<string, number>();
  for (const id of existsSync(tasks) ? readdirSync(tasks) : []) {
    try {
      const text = readFileSync(`${tasks}/${id}/schedstat`, "utf8");
      spans.set(id, Number(text.split(" ")[1]) / 1e6);
    } catch {
      // The thread has ended.
    }
  }
  return spans;
}

/** Returns for how long all threads together have waited for the processor. */
function queuedSince(earlier: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [id, span] of queued()) sum += span - (earlier.get(id) ?? 0);
  return sum;
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
  const fleet = FLEET_DIR === ""
    ? undefined
    : await joinFleet(registry, { service: "shop", dir: FLEET_DIR });
  return {
    count(duration) {
      orders.inc();
      seconds.observe(duration);
    },
    slot: fleet?.member,
    flush: () => fleet?.flush(),
    metrics: metricsHandler(registry),
  };
}
