/** The shop: its metrics, routes and responses. */
import { createRegistry, createTelemetry, type Telemetry } from "../mod.ts";
import { healthHandler } from "../src/http/mod.ts";
import type { Page } from "../src/http/mod.ts";
import { homePage } from "./home_page.ts";
import { duration } from "./random.ts";
import { type ShopMetrics, shopMetrics } from "./shop_metrics.ts";
import type { World } from "./world.ts";

/** Seconds that the shop waits for the payment provider, and how often. */
const PAYMENT_TIMEOUT = 0.5;
const PAYMENT_TRIES = 2;

/** The addresses of the services that the shop calls. */
export interface Origins {
  readonly stock: string;
  readonly payments: string;
}

/** The shop, ready to serve. */
export interface Shop {
  readonly telemetry: Telemetry;
  readonly metrics: ShopMetrics;
  readonly handler: (
    request: Request,
    server?: unknown,
  ) => Promise<Response>;
}

const PAYMENTS = ["card", "cash", "voucher"] as const;

type Payment = typeof PAYMENTS[number];

function isPayment(text: string): text is Payment {
  return PAYMENTS.some((payment) => payment === text);
}

/** Returns the route template of a request, never its path. */
function routeOf(request: Request): string | undefined {
  const [, first, second] = new URL(request.url).pathname.split("/");
  if (second === undefined) {
    return ["", "health", "search"].includes(first!) ? `/${first}` : undefined;
  }
  if (first === "items") return "/items/:id";
  if (first === "cart") return "/cart/:id";
  return first === "orders" ? "/orders/:payment" : undefined;
}

/** Returns the shop with `/metrics`, `/events` and its live page. */
export function shopService(
  world: World,
  origins: Origins,
  dashboard: Page,
): Shop {
  const { time, random } = world;
  const telemetry = createTelemetry({
    service: "shop",
    version: "0.4.2",
    registry: createRegistry({ clock: time }),
    events: 25_000, // some ten minutes
    clock: time,
    timers: time,
  });
  const { registry, tracer } = telemetry;
  const metrics = shopMetrics(registry);
  const health = healthHandler();
  const fetchStock = telemetry.fetch({ peer: "stock", fetch: world.fetch });
  const fetchPayments = telemetry.fetch({
    peer: "payments",
    fetch: world.fetch,
  });
  let orders = 0;

  /** Waits as long as a query takes, within a span. */
  const query = (name: string, median: number): Promise<void> =>
    tracer.run(name, () => time.wait(duration(random, median)), {
      kind: "client",
      attributes: { "db.system.name": "postgresql" },
    });

  const isInStock = async (item: string): Promise<boolean> => {
    const response = await fetchStock(`${origins.stock}/stock/${item}`);
    return (await response.json()).found;
  };

  const pay = async (payment: Payment, order: number): Promise<boolean> => {
    for (let attempt = 1; attempt <= PAYMENT_TRIES; attempt++) {
      try {
        await fetchPayments(`${origins.payments}/pay/${payment}`, {
          method: "POST",
          headers: { "x-order": `${order}` },
          signal: world.timeout(PAYMENT_TIMEOUT),
        });
        return true;
      } catch {
        telemetry.log("warn", "payment gets no answer", { order, attempt });
      }
    }
    return false;
  };

  const order = async (
    payment: Payment,
    headers: Pick<Headers, "get">,
  ): Promise<Response> => {
    metrics.carts.dec(Number(headers.get("x-items") ?? 0));
    await query("db.carts.load", 0.006);
    const isPaid = await tracer.run("payment", async (span) => {
      const isPaid = await pay(payment, ++orders);
      if (!isPaid) {
        const timeout = PAYMENT_TIMEOUT * 1000;
        span.setStatus(
          "error",
          `payments: no answer within ${timeout} ms, twice`,
        );
      }
      return isPaid;
    });
    if (!isPaid) return new Response("Please try again.\n", { status: 502 });
    metrics.orders.with({ payment }).inc();
    // Both get an exemplar of this request; OpenMetrics shows it.
    metrics.worth.observe(Number(headers.get("x-euros") ?? 0));
    return new Response("Thank you.\n", { status: 201 });
  };

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const [, first, second = ""] = pathname.split("/");
    const isPost = request.method === "POST";
    if (second === "") {
      if (first === "health") return health(request);
      if (first === "") {
        await time.wait(duration(random, 0.003));
        return homePage(request);
      }
      if (first === "search") {
        metrics.searches.with({ term: searchParams.get("term") ?? "" }).inc();
        await query("db.items.search", world.searchIsSlow ? 1.1 : 0.12);
        return new Response("Three things were found.\n");
      }
    } else if (first === "items" && /^[0-9]+$/.test(second)) {
      await query("db.items.load", 0.006);
      return await isInStock(second)
        ? new Response(`Item ${second} is in stock.\n`)
        : new Response("Sold out.\n", { status: 409 });
    } else if (first === "cart" && isPost) {
      await query("db.carts.update", 0.015);
      metrics.carts.inc();
      return new Response(`One of item ${second} is in your cart.\n`);
    } else if (first === "orders" && isPost && isPayment(second)) {
      return await order(second, request.headers);
    }
    return new Response("There is no such thing here.\n", { status: 404 });
  };

  const handler = telemetry.observe(
    (request: Request, _server?: unknown) => answer(request),
    { route: routeOf, events: "/events", dashboard },
  );
  return { telemetry, metrics, handler };
}
