/**
 * Compares label sets with those of OpenTelemetry's own instrumentation, which
 * sees the same requests and calls, through its Prometheus exporter.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { env } from "node:process";
import { test } from "node:test";
import { nodeMiddleware } from "../../src/frameworks/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { labelSetsOf, quietRegistry } from "./semconv_fixtures.ts";

const needsNode = skippedUnless(
  RUNTIME === "node",
  "only Node loads modules in a way that the instrumentation can patch",
);

/** Method, path and status of the requests; each has another label set. */
const REQUESTS = [
  ["GET", "/200"],
  ["HEAD", "/204"],
  ["POST", "/201"],
  ["PUT", "/301"],
  ["GET", "/404"],
  ["GET", "/503"],
  ["PROPFIND", "/207"],
] as const;

/** Labels that `fetch` does not tell, or that the conventions leave to choice. */
const ONLY_THEIRS = new Set(["url_scheme", "network_protocol_version"]);

/** Returns the label sets of the durations in a text of their exporter. */
function theirSets(text: string, metric: string, dropped: ReadonlySet<string>) {
  const lines = text.matchAll(new RegExp(`^${metric}_count\\{(.*)\\} `, "gm"));
  return [...lines].map(([, labels]) =>
    Object.fromEntries(
      [...labels!.matchAll(/(\w+)="([^"]*)"/g)]
        .map(([, name, value]) => [name!, value!] as const)
        .filter(([name]) => !name.startsWith("otel_") && !dropped.has(name)),
    )
  );
}

/** Orders label sets, and the labels in each, by name. */
function sorted(sets: readonly Record<string, string>[]): string[] {
  return sets.map((set) =>
    JSON.stringify(
      Object.entries(set).sort(([a], [b]) => a < b ? -1 : 1),
    )
  ).sort();
}

test(
  "durations have the label sets of OpenTelemetry's instrumentation",
  needsNode,
  async () => {
    env["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http";
    const { PrometheusExporter, PrometheusSerializer } = await import(
      "@opentelemetry/exporter-prometheus"
    );
    const { HttpInstrumentation } = await import(
      "@opentelemetry/instrumentation-http"
    );
    const { UndiciInstrumentation } = await import(
      "@opentelemetry/instrumentation-undici"
    );
    const { MeterProvider } = await import("@opentelemetry/sdk-metrics");
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meterProvider = new MeterProvider({ readers: [exporter] });
    const instrumentations = [
      new HttpInstrumentation(),
      new UndiciInstrumentation(),
    ];
    for (const one of instrumentations) one.setMeterProvider(meterProvider);
    // They patch modules that are loaded by `require`, and from now on.
    const load = createRequire(import.meta.url);
    const http = load("node:http") as typeof import("node:http");

    const registry = quietRegistry();
    await using telemetry = createTelemetry({ registry, runtime: false });
    const observed = nodeMiddleware(telemetry, { names: "semconv" });
    const server = http.createServer((request, response) =>
      observed(request, response, () => {
        response.statusCode = Number(request.url!.slice(1));
        response.end();
      })
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const call = telemetry.fetch({ names: "semconv" });
    for (const [method, path] of REQUESTS) {
      const response = await call(`http://127.0.0.1:${port}${path}`, {
        method,
      });
      await response.arrayBuffer();
    }
    server.close();
    server.closeAllConnections();
    for (const one of instrumentations) one.disable();
    const { resourceMetrics } = await exporter.collect();
    const text = new PrometheusSerializer().serialize(resourceMetrics);
    await meterProvider.shutdown();

    const ours = (name: string) =>
      labelSetsOf(registry)[`${name}_seconds`]!.map((set) =>
        JSON.parse(set) as Record<string, string>
      );
    // Their exporter does not write the unit.
    for (
      const [name, dropped] of [
        ["http_server_request_duration", new Set<string>()],
        ["http_client_request_duration", ONLY_THEIRS],
      ] as const
    ) {
      assert.equal(ours(name).length, REQUESTS.length);
      // Other tests in the same process can call other servers meanwhile.
      const theirs = theirSets(text, name, dropped)
        .filter(({ server_port = `${port}` }) => server_port === `${port}`);
      assert.deepEqual(sorted(ours(name)), sorted(theirs));
    }
  },
);
