/** Compares runtime metrics with those of OpenTelemetry's own instrumentation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";

/** By unit of UCUM: the unit of Prometheus, which ends the name. */
const UNITS: Readonly<Record<string, string>> = {
  s: "seconds",
  By: "bytes",
  1: "ratio",
  "{resource}": "",
};

const needsNode = skippedUnless(
  RUNTIME === "node",
  "only Node has the sources of these metrics",
);

/** The part of their exporter's result that is read here. */
interface Collected {
  readonly scopeMetrics: readonly {
    readonly metrics: readonly {
      readonly descriptor: { readonly name: string; readonly unit: string };
      readonly dataPoints: readonly { readonly attributes: object }[];
    }[];
  }[];
}

test(
  "runtimeMetrics() has every metric of OpenTelemetry's instrumentation of Node",
  needsNode,
  async () => {
    const { PrometheusExporter } = await import(
      "@opentelemetry/exporter-prometheus"
    );
    const { RuntimeNodeInstrumentation } = await import(
      "@opentelemetry/instrumentation-runtime-node"
    );
    const { MeterProvider } = await import("@opentelemetry/sdk-metrics");
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meterProvider = new MeterProvider({ readers: [exporter] });
    const instrumentation = new RuntimeNodeInstrumentation();
    instrumentation.setMeterProvider(meterProvider);
    instrumentation.enable();
    const { resourceMetrics } = await exporter.collect();
    instrumentation.disable();
    await meterProvider.shutdown();
    const theirs = (resourceMetrics as Collected).scopeMetrics
      .flatMap(({ metrics }) => metrics);
    const names = theirs.map(({ descriptor }) => descriptor.name);
    for (
      const name of [
        "nodejs.eventloop.time",
        "v8js.memory.heap.space.size",
        "v8js.memory.heap.used",
      ]
    ) assert.ok(names.includes(name), name);

    using metrics = runtimeMetrics({ names: "semconv" });
    for (const { descriptor: { name, unit }, dataPoints } of theirs) {
      const word = UNITS[unit]!;
      const full = name.replaceAll(".", "_") + (word && `_${word}`);
      const ours = metrics.descs.find((desc) =>
        desc.name === full || desc.name === `${full}_total`
      );
      assert.equal(ours?.unit, word, name);
      for (const { attributes } of dataPoints) {
        assert.deepEqual(
          ours?.labelNames,
          Object.keys(attributes).map((label) => label.replaceAll(".", "_")),
          name,
        );
      }
    }
  },
);
