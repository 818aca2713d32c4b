/**
 * A Cloudflare Worker: requests and cron jobs are observed; spans go to an OTLP
 * collector, metrics to a Pushgateway. Both addresses are bindings.
 *
 *     npx wrangler dev examples/cloudflare_worker.ts \
 *       --var OTLP:http://localhost:4318 --var PUSHGATEWAY:http://localhost:9091
 *
 * Runs on Cloudflare Workers; Deno, Bun and Node can call its handlers.
 */
import { counter } from "../mod.ts";
import { pushgateway } from "../src/push/mod.ts";
import { withTelemetry } from "../src/workers/mod.ts";

interface Env {
  readonly OTLP: string;
  readonly PUSHGATEWAY: string;
}

const greetings = counter({
  name: "greetings_total",
  help: "Greetings by language.",
  labels: ["language"],
});
const cleanups = counter({ name: "cleanups_total", help: "Cleanups." });

let instance = "";

export default withTelemetry({
  fetch(request: Request, _env: Env): Response {
    const isGerman = request.headers.get("accept-language")?.startsWith("de");
    greetings.with({ language: isGerman ? "de" : "en" }).inc();
    return new Response(isGerman ? "Guten Tag.\n" : "Hello.\n");
  },
  scheduled(): void {
    cleanups.inc();
  },
}, (env: Env) => ({
  service: "greeter",
  route: "/",
  collector: env.OTLP,
  async onFlush({ registry }): Promise<void> {
    instance ||= crypto.randomUUID(); // not at the top: nothing is random there
    await pushgateway(registry, {
      url: env.PUSHGATEWAY,
      job: "greeter",
      grouping: { instance },
    }).push();
  },
}));
