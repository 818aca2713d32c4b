/**
 * Private telemetry: requests are answered on one port; metrics, events and the
 * live page on another one, on loopback only, for clients with a token.
 *
 *     deno run --allow-net examples/protected.ts
 *     bun examples/protected.ts
 *     node examples/protected.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { createTelemetry } from "../mod.ts";
import { dashboard } from "../src/dashboard/mod.ts";
import { bearer } from "../src/http/mod.ts";
import { serveTelemetry } from "../src/server/mod.ts";

const token = crypto.randomUUID(); // in a program: from a file of secrets
const authorize = bearer(token);

const telemetry = createTelemetry({
  service: "shop",
  redact: (event) =>
    event.topic === "request.end"
      ? { ...event, data: { ...event.data, path: "/…" } }
      : event,
});

// The public handler serves no telemetry: give it to your server.
const app = telemetry.observe(
  ({ url }) =>
    Response.json({}, { status: url.endsWith("/orders") ? 200 : 404 }),
  { metrics: false },
);

const { registry, bus, tracer } = telemetry;
const server = await serveTelemetry({
  registry,
  bus,
  port: 0, // default: 9090, of 127.0.0.1
  authorize,
  dashboard: dashboard("/_barograph", { tracer, print: false }),
});
const { origin } = new URL(server.address);

async function show(path: string, headers = {}): Promise<string> {
  const response = await fetch(origin + path, { headers });
  console.log(response.status, path);
  return await response.text();
}

await app(new Request("http://shop.example/orders"));
const outside = await app(new Request("http://shop.example/metrics"));
console.log(outside.status, "/metrics of the public port"); // 404

await show("/metrics"); // 401
await show("/_barograph/health"); // 401
const text = await show("/metrics", { authorization: `Bearer ${token}` });
console.log(/^http_requests_total.* \d$/m.exec(text)?.[0]);
await server.stop();
await telemetry.close();
