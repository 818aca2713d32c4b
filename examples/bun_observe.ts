/// <reference types="npm:bun-types@1.4.5" />
/**
 * Metrics, traces and live events of a server on `Bun.serve`. Events are sent as
 * Server-Sent Events (SSE) and, through `eventSockets`, over WebSocket.
 *
 *     bun examples/bun_observe.ts
 *     curl -N localhost:3000/events
 *
 * Runs on Bun.
 */
import { createTelemetry, record, stopwatch } from "../mod.ts";
import { eventSockets } from "../src/http/mod.ts";

const telemetry = createTelemetry({ service: "hello" });

async function greeting(): Promise<string> {
  const watch = stopwatch();
  await Promise.resolve(); // stands for a query
  record("db.greetings", watch);
  return "hello\n";
}

const app = telemetry.observe(
  async (_request: Request, _server: Bun.Server<unknown>) =>
    new Response(await greeting()),
  { route: "/", events: "/events" },
);

const server = Bun.serve({ fetch: app, websocket: eventSockets });
process.on("SIGINT", async () => {
  await telemetry.close(); // ends event streams; the server waits for them
  await server.stop();
});
