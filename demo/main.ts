/**
 * A small instrumented shop with visitors of its own, and `/metrics` on it.
 *
 * `deno task demo` or `bun run demo`; `--help` tells the flags.
 */
import { demoOptions, USAGE } from "./options.ts";
import {
  args,
  endLine,
  exit,
  listen,
  type Running,
  showLine,
} from "./runtime.ts";
import { shop, summaryLine } from "./shop.ts";
import { visitors } from "./visitors.ts";

/** Visitors come this often, in seconds. */
const PACE = 0.05;

/** Requests that `--once` makes before it scrapes. */
const ONCE = 200;

function guide(url: string, target: string): string {
  return `The shop is open: ${url}

Look at what it counts:
  curl ${url}/metrics
  curl -H 'Accept: application/openmetrics-text' ${url}/metrics

Let a Prometheus read it, with this prometheus.yml:
  global:
    scrape_interval: 5s
  scrape_configs:
    - job_name: shop
      static_configs:
        - targets: ["${target}"]

Ctrl+C ends it.
`;
}

async function visit(requests: Iterator<Request>): Promise<void> {
  const response = await fetch(requests.next().value as Request);
  await response.arrayBuffer();
}

async function once(url: string): Promise<void> {
  const requests = visitors(url);
  for (let i = 0; i < ONCE; i++) await visit(requests);
  const response = await fetch(`${url}/metrics`);
  console.log((await response.text()).trimEnd());
}

async function run(url: string, seconds: number): Promise<void> {
  const requests = visitors(url);
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await visit(requests);
    showLine(summaryLine());
    await new Promise((resolve) => setTimeout(resolve, PACE * 1000));
  }
  endLine();
}

async function main(): Promise<void> {
  const options = demoOptions(args);
  if (options === "help") return console.log(USAGE);
  const server: Running = listen(options.port, shop);
  const target = `127.0.0.1:${server.port}`;
  const url = `http://${target}`;
  if (options.once) {
    await once(url);
  } else {
    console.log(guide(url, target));
    await run(url, options.seconds);
  }
  await server.stop();
}

try {
  await main();
} catch (error) {
  console.error(`Cannot run the demo: ${(error as Error).message}`);
  exit(1);
}
exit(0); // idle connections to ourselves would hold the process
