/** The warehouse behind the shop: a second service with separate telemetry. */
import { createRegistry, createTelemetry, type Telemetry } from "../mod.ts";

/** Metrics and traces of the warehouse. */
export const stockTelemetry: Telemetry = createTelemetry({
  service: "stock",
  registry: createRegistry(),
});

const lookups = stockTelemetry.registry.counter({
  name: "stock_lookups_total",
  help: "Lookups of items, by whether they are in stock.",
  labels: ["found"],
  values: { found: ["yes", "no"] },
  known: "all",
});

/** Every item whose number this divides is sold out. */
const SOLD_OUT_DIVISOR = 25;

function answer(request: Request): Response {
  const item = Number(new URL(request.url).pathname.split("/")[2]);
  const found = item % SOLD_OUT_DIVISOR !== 0;
  lookups.at(found ? "yes" : "no").inc();
  return Response.json({ item, found }, { status: found ? 200 : 404 });
}

/** Handles `/stock/:id`: responds whether the item is in stock. */
export const stock: (request: Request) => Response | Promise<Response> =
  stockTelemetry.observe(answer, { route: "/stock/:id" });
