/**
 * Hono: requests are counted by route template; `/metrics` and `/events` are
 * served.
 *
 *     deno run --allow-net examples/hono.ts
 *     bun examples/hono.ts
 *
 * Runs on Deno and Bun.
 */
import { Hono } from "hono";
import { createTelemetry } from "../mod.ts";
import { honoMiddleware } from "../src/frameworks/mod.ts";
import { eventSockets } from "../src/http/mod.ts";

const telemetry = createTelemetry({ service: "users" });

const app = new Hono();
app.use(honoMiddleware(telemetry, { events: "/events" }));
app.get("/users/:id", (c) => c.text(`You are ${c.req.param("id")}.\n`));
app.get("/", (c) => c.text("Welcome.\n"));

// Bun serves the default export of a program.
export default { fetch: app.fetch, websocket: eventSockets };

/** The part of Deno that this example uses. */
interface Runtime {
  readonly Deno?: { serve(handler: typeof app.fetch): unknown };
}
(globalThis as Runtime).Deno?.serve(app.fetch);
