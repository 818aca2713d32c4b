/**
 * One program for three runtimes: the same handler is served by `Deno.serve`,
 * `Bun.serve` or `node:http`.
 *
 *     deno run --allow-net --allow-env examples/any_runtime.ts
 *     bun examples/any_runtime.ts
 *     node examples/any_runtime.ts
 *
 * Runs on Deno, Bun and Node. PORT is the port; default: 8000.
 */
import { createServer } from "node:http";
import { env } from "node:process";
import { counter, observe } from "../mod.ts";
import { nodeHandler } from "../src/frameworks/mod.ts";

type Handler = (request: Request) => Response | Promise<Response>;

/** The parts of the runtimes that this program uses. */
interface Runtimes {
  readonly Deno?: { serve(options: { port: number }, fetch: Handler): unknown };
  readonly Bun?: { serve(options: { port: number; fetch: Handler }): unknown };
}

const visits = counter({
  name: "visits_total",
  help: "Visits by runtime.",
  labels: ["runtime"],
});

const { Deno, Bun } = globalThis as Runtimes;
const runtime = Deno ? "deno" : Bun ? "bun" : "node";

const app: Handler = observe((_request: Request) => {
  visits.with({ runtime }).inc();
  return new Response(`Hello from ${runtime}.\n`);
}, { route: "/" });

const port = Number(env["PORT"] ?? 8000);
if (Deno) Deno.serve({ port }, app);
else if (Bun) Bun.serve({ port, fetch: app });
else createServer(nodeHandler(app)).listen(port);
