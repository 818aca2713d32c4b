/**
 * A server that responds with 1 KiB of JSON. The first argument selects how it is
 * observed. The server prints its port and, for each line of input, its processor
 * time so far in microseconds.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { argv, cpuUsage, stdin } from "node:process";
import { createInterface } from "node:readline";
import { createRegistry, createTelemetry, instrumentHandler } from "../mod.ts";
import { alwaysOff } from "../src/trace/mod.ts";

type App = (request: Request) => Response | Promise<Response>;

interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: App): {
      readonly addr: { readonly port: number };
    };
  };
  readonly Bun?: { serve(options: object): { readonly port: number } };
}

const items = Array.from({ length: 18 }, (_, id) => ({
  id,
  name: `item number ${id}`,
  price: id * 1.5,
}));

const bare: App = () => Response.json({ items });

const registry = createRegistry();
const route = "/items";
const storage = new AsyncLocalStorage<object>();
let seen = 0;

/** The minimum that tracing a request needs, without this module. */
const floor: App = (request) => {
  const { headers } = request;
  if (headers.get("traceparent") !== null) seen++;
  if (headers.get("baggage") !== null) seen++;
  const start = performance.now();
  const response = storage.run({ start }, () => bare(request));
  seen += performance.now() - start;
  return response;
};

const APPS: Readonly<Record<string, () => App>> = {
  bare: () => bare,
  floor: () => floor,
  metrics: () => instrumentHandler(bare, { registry, route }),
  unsampled: () =>
    createTelemetry({ registry, sampler: alwaysOff }).observe(bare, { route }),
  everything: () => createTelemetry({ registry }).observe(bare, { route }),
};

const app = APPS[argv[2] ?? "bare"]!();
const at = { port: 0, hostname: "127.0.0.1" };
const { Deno, Bun } = globalThis as Runtimes;
const port = Bun?.serve({ ...at, fetch: app }).port ??
  Deno!.serve({ ...at, onListen() {} }, app).addr.port;
console.log(port);

createInterface({ input: stdin }).on("line", () => {
  const { user, system } = cpuUsage();
  console.log(user + system);
});
