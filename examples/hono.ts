/**
 * Hono: the route template is read from its router after the handler has run.
 *
 *     deno run --allow-net examples/hono.ts
 *     bun examples/hono.ts
 */
import { Hono } from "hono";
import { createTelemetry } from "../mod.ts";
import { eventSockets } from "../src/http/mod.ts";

const telemetry = createTelemetry({ service: "users" });

/** The route template of each handled request. */
const routes = new WeakMap<Request, string>();

const app = new Hono();
app.use(async (c, next) => {
  await next();
  routes.set(c.req.raw, c.req.routePath);
});
app.get("/users/:id", (c) => c.text(`You are ${c.req.param("id")}.\n`));
app.get("/", (c) => c.text("Welcome.\n"));

const fetch = telemetry.observe(
  (request: Request, _server?: unknown) => app.fetch(request),
  { route: (request) => routes.get(request), events: "/events" },
);

/** The parts of Deno and Bun that this example uses. */
interface Runtimes {
  readonly Deno?: { serve(handler: typeof fetch): unknown };
  readonly Bun?: { serve(options: object): unknown };
}

const { Deno, Bun } = globalThis as Runtimes;
if (Deno !== undefined) Deno.serve(fetch);
else Bun?.serve({ fetch, websocket: eventSockets });
