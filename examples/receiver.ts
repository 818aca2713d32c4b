/**
 * An endpoint that receives metrics over OTLP: a worker that nothing can scrape
 * pushes its metrics to it, and `/metrics` has them. Runs on Deno, Bun and Node.
 *
 *     deno run --allow-env examples/receiver.ts
 */
import { createRegistry, metricsHandler } from "../mod.ts";
import { otlpMetrics } from "../src/push/mod.ts";
import { otlpReceiver } from "../src/receiver/mod.ts";

// In the program that is scraped:
const registry = createRegistry({ selfMetrics: false });
const receive = otlpReceiver(registry); // at POST /v1/metrics, on loopback
const metrics = metricsHandler(registry); // at GET /metrics

// In the worker, or in any program with an OTLP exporter:
const worker = createRegistry({ selfMetrics: false });
const thumbnails = worker.counter({
  name: "thumbnails_total",
  help: "Thumbnails made, by format.",
  labels: ["format"],
});
const pusher = otlpMetrics(worker, {
  endpoint: "http://127.0.0.1:4318",
  resource: { "service.name": "worker", "service.instance.id": "worker-1" },
  interval: 0, // pushes by hand
  // Instead of the network.
  fetch: (url, init) => receive(new Request(url, init)),
});
thumbnails.with({ format: "webp" }).inc(3);
console.log("accepted:", await pusher.push());
await pusher.shutdown();

const answer = await metrics(new Request("http://localhost/metrics"));
console.log(await answer.text());
