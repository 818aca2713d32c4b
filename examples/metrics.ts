/**
 * One metric of each type, declared, recorded and printed.
 *
 *     deno run examples/metrics.ts
 *     bun examples/metrics.ts
 *     node examples/metrics.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry } from "../mod.ts";
import { expose, prometheusText } from "../src/encode/mod.ts";

const registry = createRegistry({ selfMetrics: false });
const shop = registry.scope({ prefix: "shop_" });

const orders = shop.counter({
  name: "orders_total",
  help: "Orders accepted, by payment method.",
  labels: ["payment"],
  values: { payment: ["card", "invoice"] },
  known: "all", // both series exist from the start, at zero
});
const carts = shop.gauge({ name: "carts", help: "Carts in use." });
const checkout = shop.histogram({
  name: "checkout_duration_seconds",
  help: "Duration of checkouts.",
  unit: "seconds",
  buckets: [0.1, 0.3, 1], // the objective is 0.3 s
});
const search = shop.histogram({
  name: "search_duration_seconds",
  help: "Duration of searches.",
  unit: "seconds",
  native: true, // no buckets to choose; in protobuf and OpenMetrics 2.0
});
const mails = shop.summary({ name: "mail_parts", help: "Parts of mails." });
const states = ["open", "closed"] as const;
const state = shop.stateSet({ name: "state", help: "State.", states });
const labels = ["version"] as const;
const build = shop.info({ name: "build_info", help: "The program.", labels });
const queue = ["mail", "mail"];
shop.callbackGauge({
  name: "queue_length",
  help: "Waiting jobs.",
  read: (report) => report(queue.length), // called by each scrape
});

orders.with({ payment: "card" }).inc();
carts.set(12);
checkout.observe(0.21);
await search.time(() => Promise.resolve("found"));
mails.observe(2);
state.set("open");
build.set({ version: "1.2.0" });

console.log(new TextDecoder().decode(expose(registry, prometheusText)));
