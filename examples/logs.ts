/**
 * Log lines with trace ids: calls of `telemetry.log` and of the console become
 * events, which are printed as JSON lines. Runs on Deno, Bun and Node.
 *
 *     deno run --allow-env examples/logs.ts
 */
import { createTelemetry } from "../mod.ts";
import { captureConsole } from "../src/logs/mod.ts";

const telemetry = createTelemetry({
  service: "shop",
  // collector: "http://localhost:4318", // Loki, or any other OTLP receiver
});
const capture = captureConsole(telemetry, { methods: ["warn", "error"] });

const app = telemetry.observe((request: Request) => {
  telemetry.log("info", "order accepted", { item: "tea", left: 2 });
  try {
    throw new RangeError("card expired");
  } catch (error) {
    console.error("payment failed:", error); // prints, and is an event
  }
  return new Response(`ordered at ${new URL(request.url).pathname}`);
}, { route: "/orders" });

const events = telemetry.bus.subscribe({ topics: ["log"] });
await app(new Request("http://localhost/orders"));
await app(new Request("http://localhost/orders"));
await telemetry.close();

// Not `console.error`: each line would become another event.
const { log: print } = capture.original;
for (let event = events.read(); event !== undefined; event = events.read()) {
  if (event.gap !== undefined) print(`missed ${event.missed} events`);
  else {
    const { severity, message, meta = {}, traceId } = event.data;
    const text = message.split("\n")[0];
    print(JSON.stringify({ severity, text, traceId, fields: meta.item }));
  }
}
capture[Symbol.dispose]();
