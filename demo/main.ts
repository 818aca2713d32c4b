/**
 * A small shop with simulated visitors, a warehouse and a payment provider behind
 * it, and the live page of the shop.
 *
 * `deno task demo`, `bun run demo` or `node demo/main.ts`; `--help` prints the
 * flags.
 */
import { dashboard } from "../src/dashboard/mod.ts";
import { demoOptions, USAGE } from "./options.ts";
import { paymentService } from "./payments.ts";
import { args, exit, listen, onInterrupt, print, status } from "./runtime.ts";
import type { RequestEnd, Telemetry } from "../mod.ts";
import { type Shop, shopService } from "./shop.ts";
import { stockService } from "./stock.ts";
import { Visitors } from "./visitors.ts";
import { World } from "./world.ts";

/** Seconds that a server waits for requests in flight when it stops. */
const STOP_SECONDS = 1;

/** Seconds between two updates of the status line. */
const STATUS_SECONDS = 0.25;

/** Number of requests before the scrape of `--once`, and the time they have. */
const REQUESTS_ONCE = 200;
const SECONDS_ONCE = 600;

/** Returns what to do next, short enough for a terminal of 24 lines. */
function guide(page: string, url: string, past: number): string {
  const { host } = new URL(url);
  return `The live page of the shop:
  ${page}
Its visitors are simulated, also those of the last ${past} seconds.

The shop itself: ${url}
In a second terminal:
  curl ${url}/metrics
  curl -N ${url}/events

A prometheus.yml that scrapes it:
  global: { scrape_interval: 5s }
  scrape_configs:
    - job_name: shop
      static_configs: [{ targets: ["${host}"] }]

Ctrl+C stops it; --help prints the flags.
`;
}

/** Returns a function that describes the last answered request. */
function lastRequest({ bus }: Telemetry): () => string {
  const ends = bus.subscribe({ topics: ["request.end"], after: bus.newest });
  let description = "";
  return () => {
    for (let next = ends.read(); next !== undefined; next = ends.read()) {
      if (next.gap !== undefined) continue;
      const { endpoint, status, durationMs = 0 }: RequestEnd = next.data;
      description = `${endpoint} ${status} ${durationMs.toFixed(1)} ms`;
    }
    return description;
  };
}

/** Returns the current metrics, short enough for a line. */
function summaryLine({ metrics: { carts, worth } }: Shop): string {
  const { count, sum } = worth;
  const mean = count === 0 ? 0 : sum / count;
  return `orders ${count}, mean ${mean.toFixed(2)} euros, ` +
    `${carts.value} items in carts`;
}

/** Shows the state of the shop until it closes. */
async function run(world: World, shop: Shop, seconds: number): Promise<void> {
  const last = lastRequest(shop.telemetry);
  let end = performance.now() + seconds * 1000;
  onInterrupt(() => end = 0);
  while (performance.now() < end) {
    status.show([summaryLine(shop), last()].filter(Boolean).join(" | "));
    await world.time.wait(STATUS_SECONDS);
  }
  status.end();
  await print(`The shop is closed: ${summaryLine(shop)}`);
}

async function main(): Promise<void> {
  const options = demoOptions(args);
  if (options === "help") return await print(USAGE);
  const { once, past, port, seconds } = options;
  const world = new World(once ? SECONDS_ONCE : past);
  const stock = stockService(world);
  const payments = paymentService(world);
  const servers = [
    await listen(0, stock.handler),
    await listen(0, payments.handler),
  ];
  const [stockUrl, paymentsUrl] = servers.map(({ port }) =>
    `http://127.0.0.1:${port}`
  ) as [string, string];
  const page = dashboard("/_barograph", { print: false });
  const shop = shopService(
    world,
    { stock: stockUrl, payments: paymentsUrl },
    page,
  );
  const server = await listen(port, shop.handler);
  servers.unshift(server);
  const url = `http://127.0.0.1:${server.port}`;
  world.serve(stockUrl, stock.handler);
  world.serve(paymentsUrl, payments.handler);
  world.serve(url, shop.handler);
  const visitors = new Visitors(world, url);
  visitors.start();
  if (once) {
    await world.time.catchUp(() => visitors.answered >= REQUESTS_ONCE);
    visitors.stop();
    const response = await fetch(`${url}/metrics`);
    await print((await response.text()).trimEnd());
  } else {
    if (past > 0 && status.isTerminal) {
      status.show(`Simulating the last ${past} seconds …`);
    }
    await world.time.catchUp();
    status.clear();
    await print(guide(page.address(url), url, past));
    await run(world, shop, seconds);
    visitors.stop();
  }
  // Ends open event streams first: the servers wait for them.
  const services = [shop.telemetry, stock.telemetry, payments.telemetry];
  await Promise.all(services.map((telemetry) => telemetry.close()));
  await Promise.all(servers.map((server) => server.stop(STOP_SECONDS)));
}

try {
  await main();
} catch (error) {
  status.end();
  console.error(`Cannot run the demo: ${(error as Error).message}`);
  exit(1);
}
exit(0); // idle connections of `fetch` would keep the process alive
