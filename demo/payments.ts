/** The payment provider of the shop, which at times does not answer. */
import { createRegistry, createTelemetry } from "../mod.ts";
import { duration } from "./random.ts";
import type { Service } from "./stock.ts";
import type { World } from "./world.ts";

/** Seconds of a payment that hangs. */
const HANGS = 3;

/** Returns the payment provider, which answers `POST /pay/:method`. */
export function paymentService(world: World): Service {
  const { time, random } = world;
  const telemetry = createTelemetry({
    service: "payments",
    registry: createRegistry({ clock: time }),
    runtime: false, // the shop runs in the same process
    clock: time,
    timers: time,
  });
  /** Payments that hang once do so again when they are repeated. */
  const hanging = new Set<string>();
  const handler = telemetry.observe(async (request: Request) => {
    const order = request.headers.get("x-order") ?? "";
    const hangs = hanging.delete(order) ||
      world.paymentsFail && random() < 0.2 && hanging.add(order) !== undefined;
    await time.wait(hangs ? HANGS : duration(random, 0.04));
    return Response.json({ paid: true }, { status: 201 });
  }, { route: "/pay/:method" });
  return { telemetry, handler };
}
