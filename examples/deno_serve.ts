/**
 * A counter, an instrumented handler and `/metrics` on `Deno.serve`.
 *
 *     deno run --allow-net examples/deno_serve.ts
 *
 * Runs on Deno.
 */
import { counter, instrumentHandler, metricsHandler } from "../mod.ts";

const greetings = counter({
  name: "hello_greetings_total",
  help: "Greetings, by language.",
  labels: ["language"],
  values: { language: ["de", "en"] },
  known: "all",
});

const metrics = metricsHandler();

const hello = instrumentHandler((request: Request): Response => {
  const german = request.headers.get("accept-language")?.startsWith("de");
  greetings.with({ language: german ? "de" : "en" }).inc();
  return new Response(german ? "Guten Tag\n" : "Good day\n");
}, { route: "/" });

Deno.serve((request) =>
  new URL(request.url).pathname === "/metrics"
    ? metrics(request)
    : hello(request)
);
