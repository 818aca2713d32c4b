/**
 * One registry in every format, selected by the `Accept` header of a scrape.
 *
 *     deno run examples/formats.ts
 *     bun examples/formats.ts
 *     node examples/formats.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createRegistry, metricsHandler } from "../mod.ts";

const registry = createRegistry({ selfMetrics: false, names: "utf-8" });
registry.counter({
  name: "shop.orders_total", // quoted or escaped, by the reader
  help: "Orders accepted.",
}).inc(3, { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" });
registry.histogram({
  name: "checkout_duration_seconds",
  help: "Duration of checkouts.",
  unit: "seconds",
  buckets: [0.1, 1], // for text and OpenMetrics 1.0
  native: true, // for protobuf and OpenMetrics 2.0
}).observe(0.3);

const metrics = metricsHandler(registry);
const headers = [
  "text/plain", // curl, browsers
  "text/plain;version=1.0.0;escaping=allow-utf-8",
  "application/openmetrics-text", // Prometheus
  "application/openmetrics-text;version=2.0.0;escaping=allow-utf-8",
  "application/vnd.google.protobuf;" + // Prometheus with native histograms
  "proto=io.prometheus.client.MetricFamily;encoding=delimited",
];
for (const accept of headers) {
  const url = "http://localhost/metrics";
  const response = await metrics(new Request(url, { headers: { accept } }));
  console.log(`Accept: ${accept}`);
  console.log(`Content-Type: ${response.headers.get("content-type")}\n`);
  const body = new Uint8Array(await response.arrayBuffer());
  const isText = !accept.includes("protobuf");
  console.log(isText ? new TextDecoder().decode(body) : `${body.length} bytes`);
}
