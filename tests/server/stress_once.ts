/**
 * Stops a server under 64 scrapers and 200 subscribers, prints the outcome, and
 * must then end by itself.
 */
import { createRegistry } from "../../mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";

let unhandled = 0;
const { process } = globalThis as unknown as {
  process: { on(event: string, listener: () => void): void };
};
process.on("unhandledRejection", () => void unhandled++);

const registry = createRegistry();
const family = registry.counter({ name: "n_total", help: "N.", labels: ["n"] });
for (let n = 0; n < 2000; n++) family.at(n).inc();
const bus = createBus<{ tick: number }>();
const server = await serveTelemetry({ registry, bus, port: 0 });
const { port } = server;
const url = `http://127.0.0.1:${port}`;
let served = 0;
let isStopping = false;

async function scraping(): Promise<void> {
  while (!isStopping) {
    try {
      const response = await fetch(`${url}/metrics`);
      await response.text();
      if (response.status === 200) served++;
    } catch {
      // The server stopped during the request.
    }
  }
}

async function following(): Promise<void> {
  try {
    await (await fetch(`${url}/events`)).text();
  } catch {
    // The server stopped during the request.
  }
}

const clients = [
  ...Array.from({ length: 64 }, scraping),
  ...Array.from({ length: 200 }, following),
];
while (bus.stats().subscribers < 200 || served < 200) {
  bus.publish("tick", served);
  await new Promise((done) => setTimeout(done, 1));
}
const start = performance.now();
const stopped = server.stop(2);
isStopping = true;
await stopped;
const seconds = (performance.now() - start) / 1000;
await Promise.all(clients);
const again = await serveTelemetry({ registry, port });
const isFree = again.port === port;
await again.stop();
const { subscribers } = bus.stats();
console.log(JSON.stringify({
  unhandled,
  subscribers,
  isFree,
  inTime: seconds < 4,
}));
