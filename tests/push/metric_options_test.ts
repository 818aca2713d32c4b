/** Options of pushers: errors for wrong values, and what otlpMetrics() logs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import {
  logExporter,
  otlpMetrics,
  pushgateway,
  remoteWrite,
  spanExporter,
  victoriaMetrics,
} from "../../src/push/mod.ts";
import { exporting } from "./metric_set_up.ts";

test("otlpMetrics() refuses wrong options with advice", () => {
  const wrong = {
    endpoint: 4318,
    protocol: "grpc",
    headers: { "a b": "c" },
    resource: { zone: {} },
    temporality: "lowmemory",
    names: "semconv",
    interval: -1,
    timeout: 0,
    compress: "gzip",
    onError: true,
    batch: 3,
  };
  const registry = createRegistry();
  for (const [name, value] of Object.entries(wrong)) {
    const options = { endpoint: "http://x", [name]: value };
    assert.throws(
      () => otlpMetrics(registry, options as never),
      (error: Error) => {
        assert.match(error.message, /^Cannot export metrics: .*(?:give|try) /);
        return true;
      },
      name,
    );
  }
  assert.throws(
    () => otlpMetrics({ endpoint: "http://x" } as never, {} as never),
    /first argument must be a registry.*try otlpMetrics\(registry/,
  );
});

test("options that are read as properties are no maps", () => {
  const registry = createRegistry();
  const headers = new Headers({ authorization: "Bearer secret" });
  const map = new Map([["a", "b"]]) as never;
  const endpoint = "http://x";
  const job = "test";
  const calls: Readonly<Record<string, () => unknown>> = {
    headers: () =>
      otlpMetrics(registry, { endpoint, headers: headers as never }),
    resource: () => otlpMetrics(registry, { endpoint, resource: map }),
    "headers of spans": () => spanExporter({ endpoint, headers: map }),
    "headers of log events": () => logExporter({ endpoint, headers: map }),
    grouping: () =>
      pushgateway(registry, { url: endpoint, job, grouping: map }),
    labels: () => remoteWrite(registry, { url: endpoint, job, labels: map }),
    extraLabels: () =>
      victoriaMetrics(registry, { url: endpoint, extraLabels: map }),
  };
  for (const [name, call] of Object.entries(calls)) {
    assert.throws(call, /: \w+ is of type map; give /, name);
  }
});

test("labels of all series are none that histograms and summaries write", () => {
  const registry = createRegistry();
  const url = "http://x";
  for (const name of ["le", "quantile"]) {
    const labels = { [name]: "1" };
    for (
      const call of [
        () => remoteWrite(registry, { url, job: "test", labels }),
        () => pushgateway(registry, { url, job: "test", grouping: labels }),
        () => victoriaMetrics(registry, { url, extraLabels: labels }),
      ]
    ) {
      assert.throws(
        call,
        /histograms and summaries(?: write)?; give another name/,
      );
    }
  }
});

test("otlpMetrics() without onError logs the first failure of each kind", {
  timeout: 120_000,
}, async (context) => {
  const lines: string[] = [];
  const { mock } = context.mock.method(
    console,
    "warn",
    (line: string) => void lines.push(line),
  );
  const registry = createRegistry({ selfMetrics: false });
  registry.counter({ name: "a_total", help: "A." });
  registry.callbackGauge({
    name: "b",
    help: "B.",
    read: () => {
      throw new Error("broken");
    },
  });
  const { pusher } = exporting(
    registry,
    { onError: undefined },
    () => new Response("no such tenant", { status: 404 }),
  );
  await pusher.push();
  await pusher.push();
  await pusher.shutdown();
  mock.restore();
  assert.deepEqual(lines, [
    'barograph: cannot push everything: "b" is left out: broken',
    "barograph: cannot export metrics to http://collector/v1/metrics: the " +
    "collector answered 404: no such tenant; give the option onError to " +
    "get further failures",
  ]);
});
