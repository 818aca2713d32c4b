/** The warehouse behind the shop: a second service with separate telemetry. */
import { createRegistry, createTelemetry, type Telemetry } from "../mod.ts";
import { duration } from "./random.ts";
import type { World } from "./world.ts";

/** Every item whose number this divides is sold out. */
const SOLD_OUT_DIVISOR = 25;

/** A service of the demo. */
export interface Service {
  readonly telemetry: Telemetry;
  readonly handler: (request: Request) => Response | Promise<Response>;
}

/** Returns the warehouse, which answers `/stock/:id`: is the item in stock? */
export function stockService({ time, random }: World): Service {
  const telemetry = createTelemetry({
    service: "stock",
    registry: createRegistry({ clock: time }),
    runtime: false, // the shop runs in the same process
    clock: time,
    timers: time,
  });
  const { registry, tracer } = telemetry;
  const lookups = registry.counter({
    name: "stock_lookups_total",
    help: "Lookups of items, by whether they are in stock.",
    labels: ["found"],
    values: { found: ["yes", "no"] },
    known: "all",
  });
  const handler = telemetry.observe(async (request: Request) => {
    const item = Number(new URL(request.url).pathname.split("/")[2]);
    await tracer.run(
      "db.stock.select",
      () => time.wait(duration(random, 0.003)),
      { attributes: { "db.system.name": "sqlite" } },
    );
    const found = item % SOLD_OUT_DIVISOR !== 0;
    lookups.at(found ? "yes" : "no").inc();
    return Response.json({ item, found });
  }, { route: "/stock/:id" });
  return { telemetry, handler };
}
