/**
 * A trace across two services: the shop calls the stock, whose spans continue the
 * trace. Prints the spans as a tree. Runs on Deno, Bun and Node.
 *
 *     deno run --allow-env examples/traces.ts
 */
import { activeSpan, createRegistry, createTelemetry, record } from "../mod.ts";
import type { SpanRecord } from "../src/trace/mod.ts";

const spans: SpanRecord[] = [];

/** Returns the telemetry of a service; each has its own process in production. */
function service(name: string) {
  const telemetry = createTelemetry({
    service: name,
    registry: createRegistry(),
    // collector: "http://localhost:4318", // Jaeger, Tempo, any OTLP collector
  });
  telemetry.tracer.onEnd((span) => spans.push(span));
  return telemetry;
}

const stock = service("stock");
const stockApp = stock.observe((_request: Request) => {
  record("db.items.get", Date.now() / 1000 - 0.002); // a query of 2 ms
  return Response.json({ left: 2 });
}, { route: "/items/:id" });

const shop = service("shop");
const call = shop.fetch({
  peer: "stock",
  // Instead of the network. The headers contain the trace context.
  fetch: (url, init) => Promise.resolve(stockApp(new Request(url, init))),
});
const shopApp = shop.observe(async (_request: Request) => {
  const { left } = await (await call("http://stock/items/7")).json();
  activeSpan()?.setAttribute("items.left", left);
  return new Response(left > 0 ? "for sale" : "sold out");
}, { route: "/products/:id" });

await shopApp(new Request("http://localhost/products/7"));

function print(parent: string, indent: string): void {
  for (const span of spans.filter((one) => one.parentSpanId === parent)) {
    console.log(`${indent}${span.kind} ${span.name}`);
    print(span.context.spanId, `${indent}  `);
  }
}
print("", "");
console.log("traces:", new Set(spans.map((span) => span.context.traceId)).size);
await shop.close();
await stock.close();
