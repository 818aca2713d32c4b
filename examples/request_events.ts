/**
 * Live events of requests. A subscriber that reconnects receives each event that
 * it missed exactly once. Runs on Deno, Bun and Node.
 *
 *     deno run --allow-env examples/request_events.ts
 */
import { createRegistry, createTelemetry, record } from "../mod.ts";

const telemetry = createTelemetry({
  service: "pets",
  registry: createRegistry(),
});

const app = telemetry.observe((request: Request) => {
  const start = Date.now() / 1000;
  if (request.url.endsWith("/fail")) throw new Error("no such table");
  record("db.pets.list", start);
  return Response.json(["cat"]);
}, { route: "/pets" });

const visit = async (path: string) => {
  try {
    await app(new Request(`http://localhost${path}`));
  } catch {
    // The event `request.end` contains the error.
  }
};

await visit("/pets");
let seen = "";
{
  using first = telemetry.bus.subscribe({ after: 0 });
  const event = first.read();
  if (event?.gap === undefined && event !== undefined) {
    console.log(event.topic, event.data);
    seen = telemetry.bus.position(event.id);
  }
} // the subscriber disconnects

await visit("/pets/fail");
using again = telemetry.bus.subscribe({ after: seen }); // and reconnects
for (let event = again.read(); event !== undefined; event = again.read()) {
  if (event.gap !== undefined) console.log("missed", event.missed);
  else console.log(event.topic, JSON.stringify(event.data));
}

await telemetry.close();
