/** The queries of docs/generated-dashboards.md parse, and return data. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { needsOnce, PROMETHEUS_3 } from "../oracle/programs.ts";
import { Prometheus, until, type Vector } from "../oracle/prometheus.ts";
import { serve } from "../runtimes/server.ts";
import { ROOT } from "../support/programs.ts";
import { FOLDER, once } from "./files.ts";

/** Returns the queries of the page, those of absent data apart. */
function queries(): { present: string[]; absent: string[] } {
  const page = readFileSync(`${ROOT}docs/generated-dashboards.md`, "utf8");
  const [, section] = /^## PromQL for every day$([^]*?)^## /m.exec(page)!;
  const inTables = (text: string): string[] =>
    [...text.matchAll(/^\|[^|]*\|(.*)\|$/gm)].slice(2)
      .flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)])
      .map(([, query]) => query!);
  const [present, absent] = section!.split("\nTargets. ");
  return { present: inTables(present!), absent: inTables(absent!) };
}

test("lezer-promql parses each query of the page", once(), () => {
  const { present, absent } = queries();
  assert.ok(present.length > 24 && absent.length > 3);
  for (const query of [...present, ...absent]) {
    parser.parse(query).iterate({
      enter: ({ type, from }) => {
        assert.ok(!type.isError, `${query} at ${from}`);
      },
    });
  }
});

/** Returns a program whose metrics all queries find. */
async function shop() {
  const registry = createRegistry({ names: "utf-8" });
  const telemetry = createTelemetry({
    registry,
    service: "shop",
    version: "1.2.0",
    names: "both",
    environment: false,
  });
  registry.gauge({
    name: "backup_last_success_timestamp_seconds",
    help: "The last backup.",
    unit: "seconds",
  }).setToCurrentTime();
  registry.counter({ name: "shop_orders_total", help: "Orders." }).inc();
  const dotted = registry.counter({
    name: "shop.deliveries_total",
    help: "Deliveries, by country.",
    labels: ["delivery.country"],
  });
  const app = telemetry.observe(
    ({ url }) => new Response("", { status: url.endsWith("fail") ? 500 : 200 }),
    { native: true, route: "/orders" },
  );
  const traffic = async () => {
    dotted.with({ "delivery.country": "de" }).inc();
    for (const path of ["orders", "fail"]) {
      await (await app(new Request(`http://localhost/${path}`))).text();
    }
  };
  await traffic();
  return { telemetry, traffic, metrics: metricsHandler(registry) };
}

test("each query returns data from a real Prometheus", {
  ...needsOnce("PROMETHEUS_3"),
  timeout: 120_000,
}, async () => {
  const { telemetry, traffic, metrics } = await shop();
  const server = serve(async (request) => {
    await traffic(); // each scrape sees more requests
    return await metrics(request);
  });
  const config = `
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms }
rule_files: ["${FOLDER}prometheus/rules/shop.rules.yml"]
scrape_configs:
  - job_name: shop
    scrape_protocols: [PrometheusProto]
    always_scrape_classic_histograms: true
    static_configs: [{ targets: ["127.0.0.1:${server.port}"] }]
  - job_name: utf-8 # which Prometheus 3.5 does not request by protobuf
    scrape_protocols: [PrometheusText1.0.0]
    static_configs: [{ targets: ["127.0.0.1:${server.port}"] }]
`;
  try {
    await using prometheus = await Prometheus.start(
      PROMETHEUS_3!,
      ["native-histograms"],
      config,
    );
    await prometheus.untilUp('up{job="shop"}');
    for (const query of queries().present) {
      // Windows of this test instead of days.
      const here = query.replaceAll("offset 1d", "offset 1s")
        .replace(/ratio_rate1h/, "ratio_rate5m");
      await until(async () => {
        const { result } = await prometheus.get<Vector>("query", {
          query: here,
        });
        const numbers = result.map(({ value }) => Number(value?.[1]));
        const isData = numbers.length > 0 &&
          numbers.some((number) => Number.isFinite(number));
        return isData || undefined;
      }).catch(() => assert.fail(`no data: ${here}`));
    }
    for (const query of queries().absent) {
      const { result } = await prometheus.get<Vector>("query", { query });
      const isFiring = query.startsWith("count(");
      assert.equal(result.length, isFiring ? 1 : 0, query);
    }
  } finally {
    await telemetry.close();
    await server.stop();
  }
});
