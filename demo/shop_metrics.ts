/** The metrics of the shop itself. */
import type { Registry } from "../mod.ts";

/** Declares the metrics of the shop; returns those that requests change. */
export function shopMetrics(registry: Registry) {
  registry.info({
    name: "shop_build_info",
    help: "The version that is running.",
    labels: ["version"],
  }).set({ version: "0.4.2" });
  registry.stateSet({
    name: "shop_door",
    help: "Whether the shop takes customers.",
    states: ["open", "closed"],
  }).set("open");
  return {
    orders: registry.counter({
      name: "shop_orders_total",
      help: "Orders accepted, by payment method.",
      labels: ["payment"],
    }),
    searches: registry.counter({
      name: "shop_searches_total",
      help: "Searches, by the term that was searched for.",
      labels: ["term"],
      maxSeries: 1000, // visitors choose the terms: more share one series
    }),
    carts: registry.gauge({
      name: "shop_cart_items",
      help: "Items in carts, not yet ordered.",
    }),
    worth: registry.histogram({
      name: "shop_order_euros",
      help: "The worth of an order, in euros.",
      buckets: [5, 10, 20, 50, 100, 200],
      native: true, // for a Prometheus that scrapes native histograms
    }),
  };
}

/** The metrics that requests change. */
export type ShopMetrics = ReturnType<typeof shopMetrics>;
