/** Uses every part of a `Telemetry`; the program must then end by itself. */
import {
  createRegistry,
  createTelemetry,
  instrumentHandler,
} from "../../mod.ts";
import { eventSockets } from "../../src/http/mod.ts";
import { type AppHandler, listenByHttp, RUNTIME } from "./server.ts";

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: unknown): {
      readonly addr: { readonly port: number };
      shutdown(): Promise<void>;
    };
  };
  readonly Bun?: {
    serve(options: object): { readonly port: number; stop(): Promise<void> };
  };
}

const { Deno, Bun } = globalThis as Runtimes;

/** Serves on loopback; `stop` waits for open requests. */
function serve(fetch: unknown): Server {
  const at = { port: 0, hostname: "127.0.0.1" };
  if (Bun !== undefined) {
    return Bun.serve({ ...at, fetch, websocket: eventSockets });
  }
  if (Deno === undefined) {
    const { port, shutdown } = listenByHttp(fetch as AppHandler);
    return { port, stop: shutdown };
  }
  const server = Deno.serve({ ...at, onListen() {} }, fetch);
  return { port: server.addr.port, stop: () => server.shutdown() };
}

function socketOpened(url: string): Promise<unknown> {
  const socket = new WebSocket(url.replace("http", "ws"));
  return new Promise((resolve) => socket.onopen = resolve);
}

let spans = 0;
const collector = serve(
  instrumentHandler(async (request: Request) => {
    spans += (await request.arrayBuffer()).byteLength > 0 ? 1 : 0;
    return new Response();
  }, { registry: createRegistry() }),
);

async function use(collectorUrl: string): Promise<void> {
  await using telemetry = createTelemetry({
    service: "once",
    collector: collectorUrl,
  });
  const call = telemetry.fetch();
  const app = telemetry.observe(async (request: Request) => {
    if (request.url.endsWith("/inner")) return new Response("inner");
    return await call(request.url + "inner");
  }, { events: "/events" });
  const server = serve(app);
  const url = `http://127.0.0.1:${server.port}`;
  try {
    const feed = await fetch(`${url}/events`);
    if (RUNTIME !== "node") await socketOpened(`${url}/events`);
    console.log(await (await fetch(`${url}/`)).text());
    console.log((await (await fetch(`${url}/metrics`)).text()).length > 0);
    void (async () => {
      for await (const _ of telemetry.bus.subscribe());
    })();
    // Feeds never end by themselves: close the telemetry before the server.
    await telemetry.close(0.5);
    await feed.text();
    console.log("feed ended");
  } finally {
    await server.stop();
  }
}

const url = `http://127.0.0.1:${collector.port}`;
await use(url);
await use("http://127.0.0.1:9"); // no collector listens there
await collector.stop();
console.log(`exports ${spans}`);
