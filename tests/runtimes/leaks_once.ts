/**
 * Uses everything that waits or listens, disposes it, and prints what remains as
 * JSON. The process must then end by itself.
 */
import { once } from "node:events";
import process from "node:process";

/** The timers that are pending, with the place that set them. */
const timers = new Map<unknown, string>();

/** Listeners on abort signals of this program. */
let abortListeners = 0;

function countTimers(): void {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const origin = () => String(new Error().stack).split("\n").at(3)?.trim();
  Object.assign(globalThis, {
    setTimeout(work: () => void, ms?: number) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        work();
      }, ms);
      timers.set(timer, `timeout ${ms} ${origin()}`);
      return timer;
    },
    setInterval(work: () => void, ms?: number) {
      const timer = setInterval(work, ms);
      timers.set(timer, `interval ${ms} ${origin()}`);
      return timer;
    },
    clearTimeout(timer: Parameters<typeof clearTimeout>[0]) {
      timers.delete(timer);
      clearTimeout(timer);
    },
    clearInterval(timer: Parameters<typeof clearInterval>[0]) {
      timers.delete(timer);
      clearInterval(timer);
    },
  });
}

function countedSignal(): AbortSignal {
  const { signal } = new AbortController();
  const { addEventListener, removeEventListener } = signal;
  return Object.assign(signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      abortListeners++;
      addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      abortListeners--;
      removeEventListener.apply(signal, args);
    },
  });
}

const signals = ["SIGINT", "SIGTERM", "beforeExit", "exit"] as const;
const listenersOf = () =>
  signals.reduce((sum, name) => sum + process.listenerCount(name), 0);
const listenersBefore = listenersOf();

// Imported after the timers are counted: a module may keep their functions.
countTimers();
const { createRegistry, createTelemetry } = await import("../../mod.ts");
const { serveTelemetry } = await import("../../src/server/mod.ts");
const { runtimeMetrics } = await import("../../src/runtime/mod.ts");

/** Node has no server side of a WebSocket. */
const hasSockets = "Deno" in globalThis || "Bun" in globalThis;

/** Resolves to a function that waits until the socket is closed. */
async function openSocket(url: string): Promise<() => Promise<unknown>> {
  const socket = new WebSocket(url.replace("http", "ws"));
  await once(socket as never, "open");
  const closed = once(socket as never, "close");
  return () => closed;
}

async function use(): Promise<void> {
  const signal = countedSignal();
  const registry = createRegistry();
  using runtime = runtimeMetrics();
  using _added = registry.add(runtime);
  await using telemetry = createTelemetry({
    service: "leaks",
    registry,
    // Nobody listens there: exports fail and are retried.
    collector: "http://127.0.0.1:9",
  });
  const { bus } = telemetry;
  await using server = await serveTelemetry({
    port: 0,
    registry,
    bus: bus as never,
    signal,
    checks: { slow: () => Promise.resolve() },
  });
  const url = `http://127.0.0.1:${server.port}`;
  const outgoing = telemetry.fetch();
  const app = telemetry.observe(async (request: Request) => {
    return new Response(await (await outgoing(`${url}/ready`)).text(), {
      status: request.url.length > 0 ? 200 : 500,
    });
  }, { events: "/events" });

  const feed = await app(new Request("http://localhost/events"));
  const remoteFeed = await fetch(`${url}/events`);
  const socketClosed = !hasSockets
    ? () => Promise.resolve()
    : await openSocket(`${url}/events`);
  const before = abortListeners;
  const request = new Request("http://localhost/", { signal });
  // On Node, requests listen to their signal until they are collected.
  if (!hasSockets) abortListeners = before;
  await (await app(request)).text();
  await (await app(new Request("http://localhost/metrics"))).text();
  await (await fetch(`${url}/metrics`)).text();
  void (async () => {
    for await (const _ of bus.subscribe());
  })();
  if (timers.size === 0) throw new Error("no timer is counted");
  await telemetry.close(0.5);
  await Promise.all([feed.text(), remoteFeed.text(), socketClosed()]);
}

await use();
const resources = () =>
  (process as {
    getActiveResourcesInfo?(): readonly string[];
  }).getActiveResourcesInfo?.() ?? [];
// Node releases a handle some turns after it is closed.
for (let turn = 0; turn < 50 && resources().length > 0; turn++) {
  await new Promise((done) => setTimeout(done, 20));
}
console.log(JSON.stringify({
  // Node keeps idle connections of `fetch` for some seconds, without holding.
  timers: [...timers.values()].filter((at) => !at.includes("node:internal")),
  abortListeners,
  signalListeners: listenersOf() - listenersBefore,
  // Without the standard streams.
  resources: resources().filter((name) => name !== "PipeWrap"),
}));
