/**
 * A program with waiting spans: prints "ready", and is then ended by a signal.
 * Arguments: the port of the collector, and how the program deals with signals.
 */
import process from "node:process";
import { createRegistry, createTelemetry } from "../../mod.ts";

const [port, mode] = process.argv.slice(2);
const collector = {
  endpoint: `http://127.0.0.1:${port}`,
  compress: false,
  signals: mode !== "off",
};
const [telemetry, other] = ["shop", "stock"].map((service) =>
  createTelemetry({ service, registry: createRegistry(), collector })
);
telemetry!.tracer.run("checkout", () => {});
other!.tracer.run("restock", () => {});

const { Deno } = globalThis as {
  Deno?: { addSignalListener(signal: string, listener: () => void): void };
};

async function end(): Promise<void> {
  await new Promise((done) => setTimeout(done, 500)); // requests in flight
  console.log("graceful");
  process.exit(7);
}

if (mode === "once") process.once("SIGTERM", end);
if (mode === "closes") {
  const close = async () => {
    await telemetry!.close();
    await other!.close();
    await end();
  };
  if (Deno === undefined) process.on("SIGTERM", close);
  else Deno.addSignalListener("SIGTERM", close);
}
setInterval(() => {}, 1000);
console.log("ready");
