/**
 * A real Prometheus scrapes received metrics. The exponential histogram has the
 * buckets that a collector stores for the same points.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import {
  attributesOf,
  createWorld,
  CUMULATIVE,
  gaugeOf,
  nanos,
  point,
  requestOf,
  sumOf,
} from "../receiver/world.ts";
import { serve } from "../runtimes/server.ts";
import { needs, PROMETHEUS_3 } from "./programs.ts";
import { Prometheus, type Vector } from "./prometheus.ts";

const RESOURCE = {
  "service.namespace": "acme",
  "service.name": "shop",
  "service.instance.id": "i-1",
  "host.name": "h",
};

test("a real Prometheus stores received metrics of each type", {
  ...needs("PROMETHEUS_3"),
  timeout: 120_000,
}, async () => {
  const { registry, send } = createWorld();
  const times = { startTimeUnixNano: nanos(0), timeUnixNano: nanos(1) };
  const data = (point: object) => ({
    dataPoints: [{ ...times, ...point }],
    aggregationTemporality: CUMULATIVE,
  });
  const answer = await send(requestOf([
    {
      ...sumOf("jobs", [point(7, 1, 0, { "http.route": "/a" })]),
      unit: "{job}",
    },
    { ...gaugeOf("load", point(0.5)), unit: "1" },
    {
      name: "wait",
      unit: "s",
      histogram: data({
        count: 6,
        sum: 3,
        bucketCounts: [1, 2, 3],
        explicitBounds: [0.5, 1],
      }),
    },
    {
      name: "size",
      unit: "By",
      exponentialHistogram: data({
        count: 5,
        sum: 9,
        scale: 3,
        positive: { offset: -2, bucketCounts: [2, 0, 3] },
        attributes: attributesOf({ kind: "x" }),
      }),
    },
    {
      name: "age",
      summary: data({
        count: 2,
        sum: 3,
        quantileValues: [{ quantile: 0.5, value: 1 }],
      }),
    },
  ], RESOURCE));
  assert.deepEqual(answer, {});
  const server = serve(metricsHandler(registry));
  const config = `
global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:
  - job_name: scraped
    honor_labels: true
    static_configs: [{ targets: ["127.0.0.1:${server.port}"] }]
`;
  try {
    await using prometheus = await Prometheus.start(
      PROMETHEUS_3!,
      ["native-histograms"],
      config,
    );
    const stored = await prometheus.untilUp('up{job="scraped"}');
    const sender = 'job="acme/shop",instance="i-1"';
    for (
      const [query, value] of [
        [`jobs_total{${sender},http_route="/a"}`, "7"],
        [`load_ratio{${sender}}`, "0.5"],
        [`wait_seconds_bucket{${sender},le="1.0"}`, "3"],
        [`wait_seconds_sum{${sender}}`, "3"],
        [`age{${sender},quantile="0.5"}`, "1"],
        [`target_info{${sender},host_name="h"}`, "1"],
        [`histogram_count(size_bytes{${sender},kind="x"})`, "5"],
      ] as const
    ) assert.equal(await stored.value(query), value, query);
    const { result } = await stored.get<Vector>("query", {
      query: "size_bytes",
    });
    const buckets = result[0]!.histogram![1].buckets.map((
      [, low, high, count],
    ) => [Number(low).toFixed(4), Number(high).toFixed(4), count]);
    assert.deepEqual(buckets, [
      ["0.8409", "0.9170", "2"],
      ["1.0000", "1.0905", "3"],
    ]);
    assert.deepEqual(prometheus.warnings, []);
  } finally {
    await server.stop();
  }
});
