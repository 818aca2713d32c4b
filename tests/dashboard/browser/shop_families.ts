/** The families, routes and words of the shop; one family of each type. */
import type { Registry } from "../../../src/metrics/mod.ts";

/** A route: how often it is asked for, and how long it takes in the middle. */
export interface Route {
  readonly method: string;
  readonly route: string;
  readonly rate: number;
  readonly median: number;
  readonly spans: readonly Work[];
}

/** A span of a request; `from` and `to` are shares of its time. */
export interface Work {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** The place of its parent in the list. Default: the request. */
  readonly within?: number;
}

export const ROUTES: readonly Route[] = [
  { method: "GET", route: "/", rate: 9, median: 0.004, spans: [] },
  {
    method: "GET",
    route: "/items/:id",
    rate: 12,
    median: 0.013,
    spans: [
      { name: "stock.lookup", from: 0.05, to: 0.4 },
      { name: "db.items.get", from: 0.42, to: 0.93 },
    ],
  },
  {
    method: "GET",
    route: "/search",
    rate: 4,
    median: 0.17,
    spans: [
      { name: "db.items.search", from: 0.02, to: 0.86 },
      { name: "render", from: 0.87, to: 0.98 },
    ],
  },
  {
    method: "POST",
    route: "/cart/:id",
    rate: 3,
    median: 0.021,
    spans: [{ name: "db.cart.put", from: 0.1, to: 0.9 }],
  },
  {
    method: "POST",
    route: "/orders/:payment",
    rate: 3,
    median: 0.092,
    spans: [
      { name: "cart.validate", from: 0.01, to: 0.05 },
      { name: "db.orders.begin", from: 0.05, to: 0.09 },
      { name: "POST payments", from: 0.1, to: 0.93 },
      { name: "attempt 1", from: 0.1, to: 0.43, within: 2 },
      { name: "attempt 2", from: 0.52, to: 0.93, within: 2 },
      { name: "db.orders.commit", from: 0.94, to: 0.99 },
    ],
  },
];

/** Words that visitors search for, with a number. */
export const THINGS = ["lamp", "chair", "sofa", "table"] as const;

/** Text that would do harm as markup, in all places that users can fill. */
export const EVIL =
  `<img src=x onerror="alert('evil')"><script>alert("evil")</script>`;

const BOUNDS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** Options of the families. */
export interface FamilyOptions {
  /** Series of `shop_searches_total`. Default: 120. */
  readonly terms?: number;
  /** Whether names and values hold markup. Default: false. */
  readonly isEvil?: boolean;
}

/** Declares the families of a shop. */
export function declareFamilies(
  registry: Registry,
  { isEvil = false, terms = 120 }: FamilyOptions,
) {
  const labels = ["method", "route", "status_class"];
  const evil = isEvil ? { help: EVIL } : {};
  return {
    durations: registry.histogram({
      name: "http_request_duration_seconds",
      help: "Time until the response was there, its body not included.",
      labels,
      buckets: BOUNDS,
    }),
    requests: registry.counter({
      name: "http_requests_total",
      help: "Requests answered.",
      labels,
    }),
    calls: registry.histogram({
      name: "http_client_request_duration_seconds",
      help: "Time until an outgoing request was answered.",
      labels: ["method", "peer", "outcome"],
      buckets: BOUNDS,
    }),
    loop: registry.histogram({
      name: "shop_eventloop_delay_seconds",
      help: "Delay of timers by work on the event loop.",
      buckets: BOUNDS,
    }),
    inFlight: registry.gauge({
      name: "http_requests_in_flight",
      help: "Requests that are being answered.",
    }),
    searches: registry.counter({
      name: "shop_searches_total",
      help: "Searches, by term.",
      labels: ["term", "found"],
      maxSeries: terms,
      ...evil,
    }),
    orders: registry.counter({
      name: "shop_orders_total",
      help: "Orders accepted, by payment method.",
      labels: ["payment"],
    }),
    carts: registry.gauge({
      name: "shop_open_carts",
      help: "Carts that hold something.",
    }),
    memory: registry.gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory of the process.",
    }),
    cpu: registry.counter({
      name: "process_cpu_seconds_total",
      help: "Processor time of the process.",
      labels: ["mode"],
    }),
    door: registry.stateSet({
      name: "shop_door",
      help: "The door of the shop.",
      states: ["open", "closed"],
    }),
    build: registry.info({
      name: "shop_build_info",
      help: "The build that runs.",
      labels: ["version", "commit"],
    }),
    drift: registry.gauge({
      name: "shop_till_drift_euros",
      help: "Difference between the till and the books.",
    }),
    values: registry.histogram({
      name: "shop_order_euros",
      help: "Values of orders.",
      labels: ["payment"],
      native: true,
    }),
    lookups: registry.summary({
      name: "shop_stock_lookup_seconds",
      help: "Durations of look-ups in the stock.",
      labels: ["warehouse"],
      quantiles: [0.5, 0.9, 0.99],
    }),
  };
}
