/**
 * A library that is instrumented with the OpenTelemetry API: Barograph records its
 * spans and metrics, without the OpenTelemetry SDK. Runs on Deno, Bun and Node.
 *
 *     deno run --allow-env examples/opentelemetry.ts
 */
import {
  context,
  metrics,
  propagation,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { createTelemetry } from "../mod.ts";
import {
  asMeterProvider,
  asOtelContextManager,
  asOtelProvider,
  asPropagator,
} from "../src/otel/mod.ts";

const telemetry = createTelemetry({ service: "shop" });
const { tracer, registry, propagators, resource } = telemetry;
trace.setGlobalTracerProvider(asOtelProvider(tracer));
context.setGlobalContextManager(asOtelContextManager());
propagation.setGlobalPropagator(asPropagator(propagators));
metrics.setGlobalMeterProvider(asMeterProvider(registry, { resource }));
tracer.onEnd((span) => console.log(`${span.kind} ${span.name}`));

/** The code of a library for a database, which does not import Barograph. */
const queries = metrics.getMeter("database").createHistogram(
  "db.client.operation.duration",
  { unit: "s", description: "Duration of operations." },
);
function query(text: string): Promise<string> {
  const options = { kind: SpanKind.CLIENT };
  return trace.getTracer("database").startActiveSpan(text, options, (span) => {
    queries.record(0.004, { "db.operation.name": text });
    span.end();
    return Promise.resolve("tea");
  });
}

const app = telemetry.observe(
  async () => new Response(await query("SELECT")),
  { route: "/items/:id" },
);
await app(new Request("http://localhost/items/7"));
const answer = await app(new Request("http://localhost/metrics"));
const text = await answer.text();
console.log(text.match(/^db_client.*_count.*|^http_requests.*/gm));
await telemetry.close();
