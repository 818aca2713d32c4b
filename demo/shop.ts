/** The shop: its metrics, routes and responses. */
import {
  counter,
  createTelemetry,
  gauge,
  histogram,
  info,
  stateSet,
  type Telemetry,
} from "../mod.ts";
import { healthHandler } from "../src/http/mod.ts";
import { homePage } from "./home_page.ts";

const orders = counter({
  name: "shop_orders_total",
  help: "Orders accepted, by payment method.",
  labels: ["payment"],
  values: { payment: ["card", "cash", "voucher"] },
  known: "all",
});
const carts = gauge({
  name: "shop_open_carts",
  help: "Carts that are filled and not yet paid for.",
});
const worth = histogram({
  name: "shop_order_euros",
  help: "What an order is worth, in euros.",
  buckets: [5, 10, 20, 50, 100, 200],
  native: true, // for a Prometheus that scrapes native histograms
});
const door = stateSet({
  name: "shop_door",
  help: "Whether the shop takes customers.",
  states: ["open", "closed"],
});

info({
  name: "shop_build_info",
  help: "The version that is running.",
  labels: ["version"],
}).set({ version: "0.1.0" });
door.set("open");

type Payment = "card" | "cash" | "voucher";

function isPayment(text: string): text is Payment {
  return text === "card" || text === "cash" || text === "voucher";
}

/** Returns the route template of a request, never its path. */
function routeOf(request: Request): string | undefined {
  const [, first, second] = new URL(request.url).pathname.split("/");
  if (first === "") return "/";
  if (first === "health" && second === undefined) return "/health";
  if (first === "items" && second !== undefined) return "/items/:id";
  if (first === "orders" && second !== undefined) return "/orders/:payment";
  return undefined;
}

/** Metrics, traces and events of the shop. */
export const shopTelemetry: Telemetry = createTelemetry({ service: "shop" });

/** Calls the warehouse, within the trace of the incoming request. */
const fetchStock = shopTelemetry.fetch({ peer: "stock" });

const health = healthHandler();

async function answer(request: Request, stockUrl: string): Promise<Response> {
  const [, first, second = ""] = new URL(request.url).pathname.split("/");
  if (first === "") return homePage(request);
  if (first === "health" && second === "") return health(request);
  if (first === "items" && /^[0-9]+$/.test(second)) {
    const { found } = await (await fetchStock(`${stockUrl}/stock/${second}`))
      .json();
    if (!found) return new Response("Sold out.\n", { status: 409 });
    carts.inc();
    return new Response(`One of item ${second} is in your cart.\n`);
  }
  if (first === "orders" && request.method === "POST" && isPayment(second)) {
    carts.set(0);
    orders.with({ payment: second }).inc();
    // Both get an exemplar of this request; OpenMetrics shows it.
    worth.observe(Number(request.headers.get("x-euros") ?? 0));
    return new Response("Thank you.\n", { status: 201 });
  }
  return new Response("There is no such thing here.\n", { status: 404 });
}

/** Returns the handler of the shop, with `/metrics` and `/events`. */
export function shop(
  stockUrl: string,
): (request: Request, server?: unknown) => Promise<Response> {
  return shopTelemetry.observe(
    (request: Request, _server?: unknown) => answer(request, stockUrl),
    { route: routeOf, events: "/events" },
  );
}

/** Returns the current metrics, short enough for a line. */
export function summaryLine(): string {
  const { count, sum } = worth;
  const mean = count === 0 ? 0 : sum / count;
  return `orders ${count}, mean ${mean.toFixed(2)} euros, ` +
    `carts ${carts.value}`;
}
