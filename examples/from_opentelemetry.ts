/**
 * Replaces a NodeSDK with a Prometheus exporter and views: each old line stands
 * above the new one. Prints the exposition, which has the same series. Runs on Deno, Bun and Node.
 *
 *     deno run --allow-env examples/from_opentelemetry.ts
 */
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { createTelemetry, parentBased, ratio } from "../mod.ts";
import {
  asMeterProvider,
  asOtelContextManager,
  asOtelProvider,
  asPropagator,
} from "../src/otel/mod.ts";

const telemetry = createTelemetry({
  service: "shop", // new NodeSDK({ serviceName: "shop",
  sampler: parentBased(ratio(0.1)), // sampler: new ParentBasedSampler({ … }),
  // traceExporter: new OTLPTraceExporter(),
  // collector: "http://localhost:4318",
  runtime: false,
});
const { tracer, registry, propagators } = telemetry;

// sdk.start();
trace.setGlobalTracerProvider(asOtelProvider(tracer));
context.setGlobalContextManager(asOtelContextManager());
propagation.setGlobalPropagator(asPropagator(propagators));
// metricReaders: [new PrometheusExporter({ prefix: "shop", … })],
metrics.setGlobalMeterProvider(asMeterProvider(registry, {
  translation: "UnderscoreEscapingWithoutSuffixes", // the names of the exporter
  scope: false, // withoutScopeInfo: true
  instruments: ({ name }) => ({
    name: `shop.${name}`, // prefix: "shop"
    // views: [{ instrumentName: "latency", aggregation: { … } }],
    ...(name === "latency" ? { buckets: [5, 50] } : {}),
  }),
}));

// Calls in the program and in its libraries do not change.
const meter = metrics.getMeter("checkout");
meter.createCounter("orders").add(1, { "payment.method": "card" });
meter.createHistogram("latency", { unit: "ms" }).record(4);

// The exporter listens on port 9464; here, any server answers.
const { metrics: scrape } = telemetry.endpoints;
const answer = await scrape(new Request("http://localhost/metrics"));
console.log(await answer.text());

await telemetry.close(); // sdk.shutdown()
