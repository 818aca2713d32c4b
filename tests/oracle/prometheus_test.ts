/**
 * A real Prometheus scrapes this runtime's real server, and is asked what it
 * has stored.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { type AppHandler, RUNTIME, serve } from "../runtimes/server.ts";
import { nastyRegistry } from "./corpus.ts";
import { needs, PROMETHEUS } from "./programs.ts";

const DEADLINE = 30_000;

/** Asks until there is an answer; the deadline only ends a broken run. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + DEADLINE;
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error("Prometheus has no answer in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  static async start(config: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "barograph-"));
    const file = join(folder, "prometheus.yml");
    await writeFile(file, config);
    const port = await freePort();
    const child = spawn(PROMETHEUS!, [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=exemplar-storage",
      "--log.level=error",
    ], { stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", resolve));
    return new Prometheus(`http://127.0.0.1:${port}`, async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    });
  }

  async get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const url = `${this.#url}/api/v1/${path}?${new URLSearchParams(query)}`;
    const { data } = await (await fetch(url)).json() as { data: T };
    return data;
  }

  /** The one value that `query` has, as text; undefined if it has none. */
  async value(query: string): Promise<string | undefined> {
    const { result } = await this.get<
      { result: readonly { value: readonly [number, string] }[] }
    >("query", { query });
    return result.length === 1 ? result[0]!.value[1] : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

function configFor(port: number): string {
  const job = (name: string, path: string) => `
  - job_name: ${name}
    metrics_path: ${path}
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]`;
  return `
global: { scrape_interval: 200ms, scrape_timeout: 200ms }
scrape_configs:${job("open", "/open")}${job("text", "/text")}
`;
}

test(
  `a real Prometheus stores exactly what ${RUNTIME} serves`,
  { ...needs(PROMETHEUS), timeout: 60_000 },
  async () => {
    const registry = nastyRegistry();
    const orders = registry.counter({
      name: "orders_total",
      help: "Orders.",
      labels: ["payment"],
    });
    orders.with({ payment: "card" }).inc(41, { trace_id: "4bf92f" });
    // Two tuples that a joined key would fold into one.
    const pairs = registry.counter({
      name: "pairs_total",
      help: "Pairs.",
      labels: ["a", "b"],
    });
    pairs.at("1|", "2").inc(3);
    pairs.at("1", "|2").inc(5);
    const seconds = registry.histogram({
      name: "order_seconds",
      help: "Order time.",
      unit: "seconds",
      buckets: [1, 2, 5],
    });
    for (const value of [0.5, 1.5, 1.6, 4, 9]) {
      seconds.observe(value, 1, { trace_id: `at${value}` });
    }
    const metrics = metricsHandler(registry);
    const accepted = new Set<string>();
    const app: AppHandler = (request) => {
      accepted.add(request.headers.get("accept") ?? "");
      const { pathname } = new URL(request.url);
      return pathname === "/open"
        ? metrics(request)
        : metrics(new Request(request.url)); // asks for nothing: text
    };
    const server = serve(app);
    try {
      await using prometheus = await Prometheus.start(configFor(server.port));
      for (const job of ["open", "text"]) {
        const query = (text: string) =>
          prometheus.value(text.replace("$", `job="${job}"`));
        const up = await until(() => query("up{$}"));
        assert.equal(up, "1");
        assert.equal(await query('orders_total{payment="card",$}'), "41");
        assert.equal(await query('pairs_total{a="1|",b="2",$}'), "3");
        assert.equal(await query('pairs_total{a="1",b="|2",$}'), "5");
        const buckets = { "1.0": "1", "2.0": "3", "5.0": "4", "+Inf": "5" };
        for (const [le, count] of Object.entries(buckets)) {
          const bucket = `order_seconds_bucket{le="${le}",$}`;
          assert.equal(await query(bucket), count);
        }
        assert.equal(await query("order_seconds_sum{$}"), "16.6");
        const median = "histogram_quantile(0.5, order_seconds_bucket{$})";
        assert.equal(await query(median), "1.75");
        const tall = 'texts_total{text="emoji 🚀",$}';
        assert.equal(await query(tall), "9");

        const path = `${server.url}/${job}`;
        const accept = [...accepted].find((header) => header !== "") ?? "";
        const body = await (await fetch(path, { headers: { accept } })).text();
        const dialect = job === "open" ? "openmetrics-1.0.0" : "text-0.0.4";
        const samples = parseExposition(body, dialect)
          .reduce((sum, family) => sum + family.samples.length, 0);
        const scraped = await query("scrape_samples_scraped{$}");
        assert.equal(scraped, String(samples), "every sample is stored");
      }

      const { activeTargets } = await prometheus.get<
        { activeTargets: readonly { lastError: string; health: string }[] }
      >("targets");
      assert.deepEqual(
        activeTargets.map(({ lastError, health }) => [lastError, health]),
        [["", "up"], ["", "up"]],
      );

      const metadata = await prometheus.get<
        Record<string, readonly { type: string; help: string }[]>
      >("metadata");
      // In OpenMetrics the metadata of a counter has no `_total`.
      assert.equal(metadata["orders"]?.[0]?.type, "counter");
      assert.equal(metadata["orders_total"]?.[0]?.type, "counter");
      assert.equal(metadata["order_seconds"]?.[0]?.help, "Order time.");

      const exemplars = await prometheus.get<
        readonly {
          exemplars: readonly { labels: { trace_id: string }; value: string }[];
        }[]
      >("query_exemplars", {
        query: '{__name__=~"orders_total|order_seconds_bucket"}',
        start: String(Date.now() / 1000 - 3600 * 24 * 365 * 10),
        end: String(Date.now() / 1000 + 3600),
      });
      const found = exemplars.flatMap((series) =>
        series.exemplars.map(({ labels, value }) =>
          `${labels.trace_id}=${value}`
        )
      );
      for (
        const wanted of ["4bf92f=41", "at0.5=0.5", "at1.6=1.6", "at9=9"]
      ) assert.ok(found.includes(wanted), `${wanted} in ${found}`);
    } finally {
      await server.stop();
    }
  },
);
