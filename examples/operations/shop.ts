/**
 * The metrics of the shop, which `examples/operations.ts` serves. The dashboard, the
 * alerts and their tests in this folder are generated from it:
 *
 *     deno run -A src/cli/mod.ts dashboards examples/operations/shop.ts \
 *       --title Shop --job shop --out examples/operations/grafana
 *     deno run -A src/cli/mod.ts rules examples/operations/shop.ts \
 *       --job shop --availability 0.999 --latency 0.99@0.25 \
 *       --out examples/operations/prometheus/rules
 */
import { createTelemetry } from "../../mod.ts";

/** Exports spans if `OTEL_EXPORTER_OTLP_ENDPOINT` is set. */
export const telemetry = createTelemetry({ service: "shop", version: "1.2.0" });

const orders = telemetry.registry.counter({
  name: "shop_orders_total",
  help: "Orders accepted, by payment method.",
  labels: ["payment"],
  values: { payment: ["card", "invoice"] },
  known: "all",
});

/** The application. The telemetry server has `/metrics`, on another port. */
export const app = telemetry.observe((request: Request) => {
  if (new URL(request.url).pathname !== "/orders") {
    return new Response("not found\n", { status: 404 });
  }
  orders.with({ payment: "card" }).inc();
  return new Response("thank you\n");
}, {
  metrics: false,
  route: ({ url }) => new URL(url).pathname === "/orders" ? "/orders" : "other",
});
