/**
 * A program as users write it. `tools/compilers.ts` compiles it with the sources,
 * `tests/package/types.ts` with the package.
 */
import {
  counter,
  createRegistry,
  createTelemetry,
  gauge,
  histogram,
  metricsHandler,
} from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { expose, openMetrics } from "../../src/encode/mod.ts";
import { eventsHandler, healthHandler } from "../../src/http/mod.ts";
import { instrumentFetch } from "../../src/instrument/mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { createTracer } from "../../src/trace/mod.ts";

const orders = counter({
  name: "shop_orders_total",
  help: "Orders accepted, by payment method.",
  labels: ["payment"],
});
orders.with({ payment: "card" }).inc();
orders.at("cash").inc(2);
// @ts-expect-error: a label that was not declared
orders.with({ paiment: "card" });

const depth = gauge({ name: "queue_depth", help: "Jobs that wait." });
depth.set(3);

const seconds = histogram({
  name: "job_duration_seconds",
  help: "Duration of jobs.",
  labels: ["kind"],
  values: { kind: ["mail", "report"] },
  buckets: [0.1, 1, 10],
});
seconds.with({ kind: "mail" }).observe(0.25);
// @ts-expect-error: a value that was not declared
seconds.with({ kind: "letter" });
const result: number = seconds.at("report").time(() => 1);

const registry = createRegistry();
registry.scope({ prefix: "app_" }).summary({
  name: "size_bytes",
  help: "Sizes.",
  quantiles: [0.5, 0.9],
});
registry.add(runtimeMetrics());

const bus = createBus<{ order: { id: number } }>({ capacity: 100 });
bus.publish("order", { id: result });
using subscription = bus.subscribe({ after: 0, topics: ["order"] });
const item = subscription.read();
if (item !== undefined && "data" in item) console.log(item.data.id);

const tracer = createTracer({ name: "shop" });
await tracer.run("checkout", async (span) => {
  span.setAttribute("order.id", 1);
  await Promise.resolve();
});

const telemetry = createTelemetry({ service: "shop", registry });
export const handler: (
  request: Request,
) => Response | Promise<Response> = telemetry.observe(
  () => new Response("hello"),
);
// @ts-expect-error: an argument that is no request
telemetry.observe((request: number) => new Response(String(request)));
const answer = await metricsHandler(registry)(new Request("http://localhost/"));
const type: string | null = answer.headers.get("content-type");
// @ts-expect-error: a member that responses do not have
console.log(type, answer.contentType);

const call: typeof fetch = instrumentFetch({ peer: ({ host }) => host });
const called: Response = await call("http://localhost/", { method: "POST" });
// @ts-expect-error: an argument that is no address
await instrumentFetch()({ address: called.url });

export const routes = {
  "/metrics": metricsHandler(registry, { timeout: 5 }),
  "/events": eventsHandler(bus),
  "/healthz": healthHandler(),
};

const text = expose(registry, openMetrics);
console.log(parseExposition(text, "openmetrics-1.0.0").length);
await telemetry.close();
