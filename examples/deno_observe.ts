/**
 * Metrics, traces and live events of a server on `Deno.serve`, including its
 * calls to other services.
 *
 *     deno run --allow-net examples/deno_observe.ts
 *     curl -N localhost:8000/events
 *
 * Add `collector: "http://localhost:4318"` to export the traces to Jaeger, Tempo
 * or any other OTLP collector.
 *
 * Runs on Deno.
 */
import { createTelemetry, record, stopwatch } from "../mod.ts";

const telemetry = createTelemetry({ service: "hello" });

async function greetingIn(language: string): Promise<string> {
  const watch = stopwatch();
  await Promise.resolve(); // stands for a query
  record("db.greetings", watch);
  return language.startsWith("de") ? "Guten Tag\n" : "Good day\n";
}

const app = telemetry.observe(async (request: Request, _info?: unknown) => {
  const language = request.headers.get("accept-language") ?? "en";
  return new Response(await greetingIn(language));
}, { route: "/", events: "/events" });

const server = Deno.serve(app);
Deno.addSignalListener("SIGINT", async () => {
  await telemetry.close(); // ends event streams; the server waits for them
  await server.shutdown();
});
await server.finished;
