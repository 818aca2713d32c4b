/**
 * A small shop with simulated visitors, `/metrics` and `/events`, and a
 * warehouse behind it as a second service.
 *
 * `deno task demo`, `bun run demo` or `node demo/main.ts`; `--help` prints the
 * flags.
 */
import { demoOptions, USAGE } from "./options.ts";
import { args, exit, listen, onInterrupt, print, status } from "./runtime.ts";
import type { RequestEnd, Telemetry } from "../mod.ts";
import { shop, shopTelemetry, summaryLine } from "./shop.ts";
import { stock, stockTelemetry } from "./stock.ts";
import { type ServiceSpan, traceTree } from "./trace_tree.ts";
import { visitors } from "./visitors.ts";

/** Seconds between two requests of visitors. */
const REQUEST_INTERVAL = 0.05;

/** Seconds that a server waits for requests in flight when it stops. */
const STOP_SECONDS = 1;

/** Number of requests before the scrape of `--once`. */
const REQUESTS_ONCE = 200;

/** Returns what to do next, short enough for a terminal of 24 lines. */
function guide(url: string, target: string): string {
  return `The shop is open: ${url}
Open that page in a browser, or type in a second terminal:
  curl ${url}/metrics
  curl -N ${url}/events
  curl -sH 'Accept: application/openmetrics-text' \\
    ${url}/metrics | grep trace_id

A prometheus.yml that scrapes it:
  global: { scrape_interval: 5s }
  scrape_configs:
    - job_name: shop
      static_configs: [{ targets: ["${target}"] }]

Ctrl+C stops it; --help prints the flags.
`;
}

async function visit(requests: Iterator<Request>): Promise<void> {
  const response = await fetch(requests.next().value as Request);
  await response.arrayBuffer();
}

async function once(url: string): Promise<void> {
  const requests = visitors(url);
  for (let i = 0; i < REQUESTS_ONCE; i++) await visit(requests);
  const response = await fetch(`${url}/metrics`);
  await print((await response.text()).trimEnd());
}

/** Prints the first trace that spans the shop and the warehouse. */
function printFirstTrace(services: Record<string, Telemetry>): void {
  const spans: ServiceSpan[] = [];
  const listening = Object.entries(services).map(([service, { tracer }]) =>
    tracer.onEnd((span) => {
      spans.push({ service, span });
      const { kind, parentSpanId, context: { traceId } } = span;
      if (kind !== "server" || parentSpanId !== "") return;
      const trace = spans.splice(0)
        .filter(({ span }) => span.context.traceId === traceId);
      if (trace.length < 3) return;
      status.print(`A request through both services:\n${traceTree(trace)}\n`);
      for (const listener of listening) listener[Symbol.dispose]();
    })
  );
}

/** Returns a function that describes the last answered request. */
function lastRequest(): () => string {
  const ends = shopTelemetry.bus.subscribe({ topics: ["request.end"] });
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

async function run(url: string, seconds: number): Promise<void> {
  const requests = visitors(url);
  const last = lastRequest();
  let end = performance.now() + seconds * 1000;
  onInterrupt(() => end = 0);
  while (performance.now() < end) {
    await visit(requests);
    status.show(`${summaryLine()} | ${last()}`);
    await new Promise((resolve) =>
      setTimeout(resolve, REQUEST_INTERVAL * 1000)
    );
  }
  status.end();
  await print(`The shop is closed: ${summaryLine()}`);
}

async function main(): Promise<void> {
  const options = demoOptions(args);
  if (options === "help") return await print(USAGE);
  const warehouse = await listen(0, stock);
  const stockUrl = `http://127.0.0.1:${warehouse.port}`;
  const server = await listen(options.port, shop(stockUrl));
  const target = `127.0.0.1:${server.port}`;
  const url = `http://${target}`;
  if (options.once) {
    await once(url);
  } else {
    await print(guide(url, target));
    printFirstTrace({ shop: shopTelemetry, stock: stockTelemetry });
    await run(url, options.seconds);
  }
  // Ends open event streams first: the servers wait for them.
  await shopTelemetry.close();
  await stockTelemetry.close();
  await server.stop(STOP_SECONDS);
  await warehouse.stop(STOP_SECONDS);
}

try {
  await main();
} catch (error) {
  status.end();
  console.error(`Cannot run the demo: ${(error as Error).message}`);
  exit(1);
}
exit(0); // idle connections of `fetch` would keep the process alive
