/**
 * The server of the load test. It responds with 1 KiB of JSON. The first argument
 * selects how it records; the second has the options of the metrics handler, in
 * JSON.
 *
 * - Except for the recording, a request does the same work in every mode: it
 *   chooses four counters and one histogram at random among 100 000 series.
 * - It prints its port once it serves and, for each line of input, the resources
 *   that it has used so far, in JSON. It exits at the end of its input.
 */
import { argv, cpuUsage, exit, memoryUsage, stdin } from "node:process";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import { createRegistry, metricsHandler } from "../mod.ts";
import * as rival from "./rival.ts";

type App = (request: Request) => Response | Promise<Response>;

interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: App): {
      readonly addr: { readonly port: number };
    };
  };
  readonly Bun?: { serve(options: object): { readonly port: number } };
}

/** The recording of a request, and the handler of scrapes. */
interface Mode {
  count(family: number, labels: Labels): void;
  time(labels: Labels, seconds: number): void;
  readonly scrape: App;
}

type Labels = Readonly<Record<typeof NAMES[number], string>>;

const NAMES = ["method", "route", "user"] as const;
const METHODS = ["GET", "POST", "PUT"];

/** Four families of `COUNTERS_EACH` series; a histogram has 14 lines. */
const COUNTERS = [
  "load_requests_total",
  "load_cache_hits_total",
  "load_queries_total",
  "load_sent_bytes_total",
];
const COUNTERS_EACH = 20_002;
const HISTOGRAM = "load_request_duration_seconds";
const HISTOGRAMS = 1_428;

const help = "Of the load test.";

const labelSets = Array.from({ length: COUNTERS_EACH }, (_, i): Labels => ({
  method: METHODS[i % 3]!,
  route: `/api/v1/route${i % 12}`,
  user: `user-${i}`,
}));

const nothing: Mode = {
  count() {},
  time() {},
  scrape: () => new Response("no metrics here\n", { status: 404 }),
};

function ours(options: object): Mode {
  const registry = createRegistry();
  const counters = COUNTERS.map((name) =>
    registry.counter({ name, help, labels: NAMES, maxSeries: COUNTERS_EACH })
  );
  const histogram = registry.histogram({
    name: HISTOGRAM,
    help,
    labels: NAMES,
    maxSeries: HISTOGRAMS,
  });
  return {
    count: (family, labels) => counters[family]!.with(labels).inc(),
    time: (labels, seconds) => histogram.with(labels).observe(seconds),
    scrape: metricsHandler(registry, options),
  };
}

function theirs(): Mode {
  const registry = new rival.Registry();
  const registers = [registry];
  const counters = COUNTERS.map((name) =>
    new rival.Counter({ name, help, labelNames: NAMES, registers })
  );
  const histogram = new rival.Histogram({
    name: HISTOGRAM,
    help,
    labelNames: NAMES,
    registers,
  });
  return {
    count: (family, labels) => counters[family]!.inc(labels),
    time: (labels, seconds) => histogram.observe(labels, seconds),
    async scrape(request) {
      const text = await registry.metrics();
      const headers = new Headers({ "content-type": registry.contentType });
      if (!request.headers.get("accept-encoding")?.includes("gzip")) {
        return new Response(text, { headers });
      }
      headers.set("content-encoding", "gzip");
      const body = gzipSync(text) as Uint8Array<ArrayBuffer>;
      return new Response(body, { headers });
    },
  };
}

const MODES: Readonly<Record<string, (options: object) => Mode>> = {
  nothing: () => nothing,
  barograph: ours,
  rival: theirs,
};

const mode = MODES[argv[2] ?? "nothing"]!(JSON.parse(argv[3] ?? "{}"));

// Every series exists, with a value above 0, before the first request.
for (const labels of labelSets) {
  for (let family = 0; family < COUNTERS.length; family++) {
    mode.count(family, labels);
  }
}
for (const labels of labelSets.slice(0, HISTOGRAMS)) mode.time(labels, 0.003);

let state = 1;

/** Returns a random integer below `limit`; each mode gets the same sequence. */
function random(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

const items = Array.from({ length: 18 }, (_, id) => ({
  id,
  name: `item number ${id}`,
  price: id * 1.5,
}));

const app: App = (request) => {
  if (request.url.endsWith("/metrics")) return mode.scrape(request);
  for (let family = 0; family < COUNTERS.length; family++) {
    mode.count(family, labelSets[random(COUNTERS_EACH)]!);
  }
  mode.time(labelSets[random(HISTOGRAMS)]!, random(3_000_000) / 1e6);
  return Response.json({ items });
};

const at = { port: 0, hostname: "127.0.0.1" };
const { Deno, Bun } = globalThis as Runtimes;
const port = Bun?.serve({ ...at, fetch: app }).port ??
  Deno!.serve({ ...at, onListen() {} }, app).addr.port;
console.log(port);

createInterface({ input: stdin }).on("line", () => {
  const { user, system } = cpuUsage();
  const { rss } = memoryUsage();
  console.log(JSON.stringify({ seconds: (user + system) / 1e6, rss }));
}).on("close", () => exit());
