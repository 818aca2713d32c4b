/**
 * The server of the load test: it answers 1 KiB of JSON and counts what it
 * does, in one of several ways that the first argument names; the second one
 * are options of the metrics handler, in JSON.
 *
 * - Each request does the same in every mode but for the recording: it chooses
 *   four counters and one histogram, at random among 500 000 series.
 * - It prints its port once it serves, and for each line that it reads what it
 *   has used so far, in JSON. It ends with its input.
 */
import { argv, cpuUsage, exit, memoryUsage, stdin } from "node:process";
import { createInterface } from "node:readline";
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

/** What a mode does with a request, and how it is scraped. */
interface Mode {
  count(family: number, labels: Labels): void;
  time(labels: Labels, seconds: number): void;
  readonly scrape: App;
}

type Labels = Readonly<Record<typeof NAMES[number], string>>;

const NAMES = ["method", "route", "user"] as const;
const METHODS = ["GET", "POST", "PUT"];

/** Four families of so many series each, and histograms of 14 lines. */
const COUNTERS = [
  "load_requests_total",
  "load_cache_hits_total",
  "load_queries_total",
  "load_sent_bytes_total",
];
const COUNTERS_EACH = 100_003;
const HISTOGRAM = "load_request_duration_seconds";
const HISTOGRAMS = 7_142;

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
    scrape: async () =>
      new Response(await registry.metrics(), {
        headers: { "content-type": "text/plain; version=0.0.4" },
      }),
  };
}

/** No metrics at all, but as many bytes a scrape, which never change. */
function bytesAlone({ bytes = 2 ** 25, piece = 2 ** 18 }): Mode {
  const pieces = Array.from(
    { length: Math.ceil(bytes / piece) },
    () => new Uint8Array(piece).fill(97),
  );
  return {
    ...nothing,
    scrape() {
      let next = 0;
      const pull = (controller: ReadableStreamDefaultController) => {
        if (next < pieces.length) controller.enqueue(pieces[next++]!);
        else controller.close();
      };
      const body = new ReadableStream({ pull }, { highWaterMark: 0 });
      return new Response(body);
    },
  };
}

const MODES: Readonly<Record<string, (options: object) => Mode>> = {
  nothing: () => nothing,
  bytes: bytesAlone,
  barograph: ours,
  rival: theirs,
};

const mode = MODES[argv[2] ?? "nothing"]!(JSON.parse(argv[3] ?? "{}"));

// Each series exists, with a value that is not 0, before the first request.
for (const labels of labelSets) {
  for (let family = 0; family < COUNTERS.length; family++) {
    mode.count(family, labels);
  }
}
for (const labels of labelSets.slice(0, HISTOGRAMS)) mode.time(labels, 0.003);

let state = 1;

/** A whole number below `most`: the same ones in each mode. */
function random(most: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % most;
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
