/**
 * A real Prometheus scrapes a real server of this runtime; its stored samples are
 * compared with the served ones.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { type AppHandler, RUNTIME, serve } from "../runtimes/server.ts";
import { nastyRegistry } from "./corpus.ts";
import { needs, PROMETHEUS } from "./programs.ts";
import { configFor, Prometheus } from "./prometheus.ts";

test(
  `a real Prometheus stores exactly what ${RUNTIME} serves`,
  { ...needs("PROMETHEUS"), timeout: 120_000 },
  async () => {
    const registry = nastyRegistry();
    const orders = registry.counter({
      name: "orders_total",
      help: "Orders.",
      labels: ["payment"],
    });
    orders.with({ payment: "card" }).inc(41, { trace_id: "4bf92f" });
    // Two label tuples that a joined key would confuse.
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
    // All series exist from the second scrape on.
    await metrics(new Request("http://localhost/"));
    const accepted = new Set<string>();
    const app: AppHandler = (request) => {
      accepted.add(request.headers.get("accept") ?? "");
      const { pathname } = new URL(request.url);
      return pathname === "/open"
        ? metrics(request)
        : metrics(new Request(request.url)); // no Accept header: text
    };
    const server = serve(app);
    try {
      const config = configFor(server.port, "open", "text");
      await using prometheus = await Prometheus.start(PROMETHEUS!, [], config);
      for (const job of ["open", "text"]) {
        const stored = await prometheus.untilUp(`up{job="${job}"}`);
        const query = (text: string) =>
          stored.value(text.replace("$", `job="${job}"`));
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

      const metadata = await prometheus.metadata();
      // In OpenMetrics the metadata of a counter have no `_total`.
      assert.equal(metadata["orders"]?.[0]?.type, "counter");
      assert.equal(metadata["orders_total"]?.[0]?.type, "counter");
      assert.equal(metadata["order_seconds"]?.[0]?.help, "Order time.");

      const found = await prometheus.exemplars(
        '{__name__=~"orders_total|order_seconds_bucket"}',
      );
      for (
        const exemplar of ["4bf92f=41", "at0.5=0.5", "at1.6=1.6", "at9=9"]
      ) assert.ok(found.includes(exemplar), `${exemplar} in ${found}`);
    } finally {
      await server.stop();
    }
  },
);
