/** The warehouse behind the shop: a second service, with telemetry of its own. */
import { createRegistry, createTelemetry, type Telemetry } from "../mod.ts";

/** What the warehouse counts and traces, apart from the shop. */
export const stockTelemetry: Telemetry = createTelemetry({
  service: "stock",
  registry: createRegistry(),
});

const lookups = stockTelemetry.registry.counter({
  name: "stock_lookups_total",
  help: "Questions after items, by whether they are in stock.",
  labels: ["found"],
  values: { found: ["yes", "no"] },
  known: "all",
});

/** Every so many items, one is sold out. */
const SOLD_OUT = 25;

function answer(request: Request): Response {
  const item = Number(new URL(request.url).pathname.split("/")[2]);
  const found = item % SOLD_OUT !== 0;
  lookups.at(found ? "yes" : "no").inc();
  return Response.json({ item, found }, { status: found ? 200 : 404 });
}

/** Says whether `/stock/:id` is there. */
export const stock: (request: Request) => Response | Promise<Response> =
  stockTelemetry.observe(answer, { route: "/stock/:id" });
