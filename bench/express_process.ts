/** A process of the app of Express, with what is measured on it. */
import { type Load, load, type Target } from "./http_load.ts";
import { Helper } from "./load_process.ts";
import { fileURLToPath } from "node:url";
import {
  type Encoding,
  ranBetween,
  ScrapeClient,
  threadsOf,
} from "./scrape_client.ts";
import { type Cost, costOf, untilQuiet } from "./scrape_process.ts";

/** How the app is observed: `tracing` is `barograph` with a span a request. */
export type Mode = "bare" | "barograph" | "tracing" | "rival";

export interface AppOptions {
  readonly mode: Mode;
  /** The number of counters of the app itself. */
  readonly counters: number;
  /** The encoding of scrapes. */
  readonly encoding: Encoding;
}

/** The requests of a client, in turn. */
const TARGETS: readonly Target[] = [
  { path: "/items", status: 200 },
  { path: "/users/7", status: 200 },
  { path: "/shop/products/lamp", status: 200 },
  { path: "/users/8/orders/2026-11", status: 200 },
  { path: "/users/9", status: 200 },
  { path: "/shop/products/chair", status: 200 },
  { path: "/users/10/orders/2026-12", status: 200 },
  { path: "/nothing", status: 404 },
];

/** Templates that a label of an observed app must have. */
const TEMPLATES = [
  "/items",
  "/users/:id",
  "/shop/products/:sku",
  "/users/:id/orders/:order",
  "unknown",
];

const FILE = fileURLToPath(new URL("express_server.mjs", import.meta.url));

export interface Loaded extends Load {
  /** Processor time of the server for a request, in microseconds. */
  readonly cpu: number;
}

export class App {
  readonly options: AppOptions;
  readonly #helper: Helper;
  #client = new ScrapeClient(0);
  #port = 0;
  #requests = 0;

  constructor(node: string, options: AppOptions) {
    this.options = options;
    this.#helper = new Helper([node, FILE, JSON.stringify(options)]);
  }

  async start(): Promise<void> {
    this.#port = await this.#helper.line<number>();
    this.#client = new ScrapeClient(this.#port);
    await untilQuiet(this.#helper.pid);
  }

  /** Sends requests over `connections`, each as soon as the last is answered. */
  async load(seconds: number, connections: number): Promise<Loaded> {
    const before = threadsOf(this.#helper.pid);
    const found = await load(this.#port, seconds, connections, TARGETS);
    const ran = ranBetween(before, threadsOf(this.#helper.pid));
    this.#requests += found.requests;
    return { ...found, cpu: ran * 1000 / found.requests };
  }

  /** Increments a percentage of the app's own counters. */
  async change(percentage: number): Promise<void> {
    await this.#helper.ask(percentage);
  }

  scrape(): Promise<Cost> {
    return costOf(this.#helper.pid, this.#client, this.options.encoding);
  }

  /** Throws unless the app exposes what it must, and has counted each request. */
  async check(): Promise<void> {
    const { mode, counters } = this.options;
    if (mode === "bare") return;
    const response = await fetch(`http://127.0.0.1:${this.#port}/metrics`);
    const text = await response.text();
    const missing = TEMPLATES.filter((route) => !text.includes(`="${route}"`));
    if (!/^process_cpu_\w+ /m.test(text)) missing.push("process_cpu");
    if (missing.length > 0) {
      throw new Error(`Cannot compare: ${mode} lacks ${missing.join(", ")}`);
    }
    const own = text.match(/^app_events_\d+_total\{/gm)?.length ?? 0;
    let counted = 0;
    for (
      const [, value] of text.matchAll(
        /^http_request_duration_seconds_count\{[^}]*\} (\d+)/gm,
      )
    ) counted += Number(value);
    if (own === counters && counted === this.#requests) return;
    throw new Error(
      `Cannot compare: ${mode} exposes ${own} counters and ${counted} ` +
        `requests; it should be ${counters} and ${this.#requests}`,
    );
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.#helper.stop();
  }
}

/** Runs `work` with fresh processes. */
export async function withApps(
  node: string,
  options: readonly AppOptions[],
  work: (apps: readonly App[]) => Promise<void>,
): Promise<void> {
  const apps: App[] = [];
  try {
    for (const each of options) {
      const app = new App(node, each);
      apps.push(app);
      await app.start();
    }
    await work(apps);
  } finally {
    for (const app of apps) await app.stop();
  }
}
