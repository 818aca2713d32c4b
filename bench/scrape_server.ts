/**
 * A small server with metrics of one library, as its users write it. The first
 * argument selects the library, the second has the `Layout` of its series, in
 * JSON.
 *
 * - A process loads the library that it measures and no other.
 * - It prints its port once it serves, and answers an `Order` per line of input,
 *   all in JSON. It exits at the end of its input.
 */
import { argv, exit, stdin } from "node:process";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers";
import { gzipSync } from "node:zlib";
import {
  type Changeable,
  changer,
  labelsOf,
  NAMES,
  valueOf,
} from "./series.ts";

/** Families of one type, each with the same number of series. */
export interface Families {
  readonly count: number;
  readonly each: number;
}

export interface Layout {
  readonly counters: Families;
  readonly histograms: Families;
}

/** A command that the bench writes to the server. */
export type Order =
  /** Changes this percentage of the series. */
  | { readonly change: number }
  /** Starts to observe how long the event loop is held. */
  | { readonly watch: true }
  /** Stops that; the answer is the longest hold, in milliseconds. */
  | { readonly watch: false };

type App = (request: Request) => Response | Promise<Response>;

interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: App): {
      readonly addr: { readonly port: number };
    };
  };
  readonly Bun?: { serve(options: object): { readonly port: number } };
}

/** Records `value` in series `i` of a family. */
type Recorder = (i: number, value: number) => void;

/** A library: how it declares families, and its handler of scrapes. */
interface Library {
  counter(name: string, size: number): Recorder;
  histogram(name: string, size: number): Recorder;
  readonly scrape: App;
}

const help = "Of the bench.";

/** Responds with `body`, compressed if the request accepts it. */
function respond(request: Request, body: string, type: string): Response {
  const headers = new Headers({ "content-type": type });
  if (!request.headers.get("accept-encoding")?.includes("gzip")) {
    return new Response(body, { headers });
  }
  headers.set("content-encoding", "gzip");
  return new Response(gzipSync(body) as Uint8Array<ArrayBuffer>, { headers });
}

async function barograph(): Promise<Library> {
  const { createRegistry, metricsHandler } = await import("../mod.ts");
  const registry = createRegistry();
  return {
    counter(name, maxSeries) {
      const counter = registry.counter({
        name,
        help,
        labels: NAMES,
        maxSeries,
      });
      return (i, value) => counter.with(labelsOf(i)).inc(value);
    },
    histogram(name, maxSeries) {
      const histogram = registry.histogram({
        name,
        help,
        labels: NAMES,
        maxSeries,
      });
      return (i, value) => histogram.with(labelsOf(i)).observe(value);
    },
    scrape: metricsHandler(registry),
  };
}

async function rival(): Promise<Library> {
  const { Registry, Counter, Histogram } = await import("./rival.ts");
  const registry = new Registry();
  const registers = [registry];
  return {
    counter(name) {
      const counter = new Counter({ name, help, labelNames: NAMES, registers });
      return (i, value) => counter.labels(labelsOf(i)).inc(value);
    },
    histogram(name) {
      const histogram = new Histogram({
        name,
        help,
        labelNames: NAMES,
        registers,
      });
      return (i, value) => histogram.labels(labelsOf(i)).observe(value);
    },
    scrape: async (request) =>
      respond(request, await registry.metrics(), registry.contentType),
  };
}

async function opentelemetry({ counters }: Layout): Promise<Library> {
  const { otelMeter } = await import("./otel_metrics.ts");
  const { meter, scrape } = otelMeter(counters.each);
  return {
    counter(name) {
      const counter = meter.createCounter(name);
      return (i, value) => counter.add(value, labelsOf(i));
    },
    histogram(name) {
      const histogram = meter.createHistogram(name);
      return (i, value) => histogram.record(value, labelsOf(i));
    },
    scrape: async (request) =>
      respond(request, await scrape(), "text/plain; version=0.0.4"),
  };
}

/** No metrics: what a request and its response cost by themselves. */
function bare(): Library {
  const nothing = () => () => {};
  return {
    counter: nothing,
    histogram: nothing,
    scrape: (request) => respond(request, "hello\n", "text/plain"),
  };
}

const LIBRARIES = { barograph, rival, opentelemetry, bare };

/** Name of a library in the arguments and in results. */
export type LibraryName = keyof typeof LIBRARIES;

/** Creates the series of a layout, with values above 0. */
function fill(library: Library, { counters, histograms }: Layout): Changeable {
  const declared = (
    { count, each }: Families,
    declare: (name: string, size: number) => Recorder,
    ending: string,
  ) =>
    Array.from(
      { length: count },
      (_, f) => declare(`${count === 1 ? "" : `part${f}_`}${ending}`, each),
    );
  const incs = declared(counters, library.counter, "requests_total");
  const observes = declared(histograms, library.histogram, "duration_seconds");
  for (const inc of incs) for (let i = 0; i < counters.each; i++) inc(i, i + 1);
  let k = 0;
  for (let times = 0; times < 5; times++) {
    for (const observe of observes) {
      for (let i = 0; i < histograms.each; i++) observe(i, valueOf(i, k++));
    }
  }
  const first = counters.count * counters.each;
  return {
    size: first + histograms.count * histograms.each,
    change(at) {
      if (at < first) {
        incs[Math.floor(at / counters.each)]!(at % counters.each, 1);
        return;
      }
      const i = (at - first) % histograms.each;
      observes[Math.floor((at - first) / histograms.each)]!(i, valueOf(i, k++));
    },
  };
}

/** Observes holds of the event loop, by the gaps between its turns. */
class Watch {
  #watches = false;
  #longest = 0;
  #last = 0;

  start(): void {
    this.#watches = true;
    this.#longest = 0;
    this.#last = performance.now();
    setImmediate(this.#turn);
  }

  stop(): number {
    this.#watches = false;
    return this.#longest;
  }

  readonly #turn = (): void => {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
    if (this.#watches) setImmediate(this.#turn);
  };
}

const layout: Layout = JSON.parse(argv[3]!);
const library = await LIBRARIES[argv[2] as LibraryName](layout);
const series = fill(library, layout);
const changers = new Map<number, () => void>();
const watch = new Watch();

function obey(order: Order): number | boolean {
  if ("watch" in order) {
    if (!order.watch) return watch.stop();
    watch.start();
    return true;
  }
  let change = changers.get(order.change);
  if (change === undefined) {
    const count = Math.round(series.size * order.change / 100);
    changers.set(order.change, change = changer(series, count));
  }
  change();
  return true;
}

const app: App = (request) =>
  request.url.endsWith("/metrics")
    ? library.scrape(request)
    : new Response("hello\n");

const at = { port: 0, hostname: "127.0.0.1" };
const { Deno, Bun } = globalThis as Runtimes;
const port = Bun?.serve({ ...at, fetch: app }).port ??
  Deno!.serve({ ...at, onListen() {} }, app).addr.port;
console.log(port);

createInterface({ input: stdin })
  .on("line", (line) => console.log(JSON.stringify(obey(JSON.parse(line)))))
  .on("close", () => exit());
