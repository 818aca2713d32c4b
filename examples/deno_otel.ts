/**
 * Makes the telemetry that is built into Deno scrapeable: Deno sends its metrics to
 * this program over loopback, and `/metrics` serves them with the program's own.
 *
 *     OTEL_DENO=true OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 \
 *     OTEL_METRIC_EXPORT_INTERVAL=10000 OTEL_SERVICE_NAME=hello \
 *     deno run --allow-net --allow-env examples/deno_otel.ts
 *
 * Runs on Deno.
 */
import { counter, defaultRegistry, metricsHandler } from "../mod.ts";
import { otlpReceiver } from "../src/receiver/mod.ts";

const greetings = counter({
  name: "hello_greetings_total",
  help: "Greetings.",
});

const metrics = metricsHandler();

Deno.serve((request) => {
  if (new URL(request.url).pathname === "/metrics") return metrics(request);
  greetings.inc();
  return new Response("Good day\n");
});

const endpoint = Deno.env.get("OTEL_EXPORTER_OTLP_ENDPOINT") ??
  "http://127.0.0.1:4318";
const { hostname, port } = new URL(endpoint);
// Deno also sends traces and logs; a 404 would count as a failed export.
const receive = otlpReceiver(defaultRegistry(), { others: "drop" });
Deno.serve({ hostname, port: Number(port), onListen() {} }, receive);
