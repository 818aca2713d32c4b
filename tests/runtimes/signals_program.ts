/**
 * A program with waiting spans: prints "ready", and is then ended by a signal.
 * Arguments: the port of the collector, and how the program deals with signals.
 */
import process from "node:process";
import { createRegistry, createTelemetry } from "../../mod.ts";

const [port, mode] = process.argv.slice(2);

const { Deno } = globalThis as unknown as {
  Deno?: {
    addSignalListener(signal: string, listener: () => void): void;
    removeSignalListener(signal: string, listener: () => void): void;
  };
};

let calls = 0;

async function end(): Promise<void> {
  if (++calls > 1) console.log("called twice");
  await new Promise((done) => setTimeout(done, 500)); // requests in flight
  console.log("graceful");
  process.exit(7);
}

/** Calls `end` in the words of the runtime; the listener may remove itself. */
function listen(isOnce: boolean): void {
  if (Deno === undefined) {
    process[isOnce ? "once" : "on"]("SIGTERM", end);
    return;
  }
  const listener = () => {
    if (isOnce) Deno.removeSignalListener("SIGTERM", listener);
    end();
  };
  Deno.addSignalListener("SIGTERM", listener);
}

/** Listens as the package `signal-exit` does: it ends the process if it is alone. */
function hookExit(emitter: { count: number }): void {
  const listener = () => {
    if (process.listeners("SIGTERM").length !== emitter.count) return;
    process.off("SIGTERM", listener);
    emitter.count--;
    console.log("cleanup");
    process.kill(process.pid, "SIGTERM");
  };
  emitter.count++;
  process.on("SIGTERM", listener);
}

if (mode === "exit hook") {
  const emitter = { count: 0 };
  const key = Symbol.for("signal-exit emitter");
  (globalThis as Record<symbol, unknown>)[key] = emitter;
  hookExit(emitter);
}
if (mode === "before") listen(false);
if (mode === "once before") listen(true);
if (mode === "frozen") Object.freeze(Deno ?? {});

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

if (mode === "late exit hook") {
  const emitter = { count: 0 };
  Object.assign(process, { __signal_exit_emitter__: emitter });
  hookExit(emitter);
}
if (mode === "first once") process.prependOnceListener("SIGTERM", end);
if (mode === "once") process.once("SIGTERM", end);
if (mode === "native" || mode === "frozen") listen(false);
if (mode === "native once") listen(true);
if (mode === "late") setTimeout(listen, 100, false);
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
setTimeout(() => console.log("ready"), mode === "late" ? 300 : 0);
