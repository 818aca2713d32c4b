/**
 * A server of feeds on a free port. Shutting down waits for the feeds. On Bun, it
 * can be started with or without WebSocket handlers.
 */
import { eventSockets } from "../../src/http/mod.ts";
import { type AppHandler, listenByHttp } from "./server.ts";

export interface FeedServer {
  readonly url: string;
  readonly port: number;
  /** Shuts down and waits for open responses. */
  shutdown(): Promise<void>;
  /** Stops immediately. */
  stop(): Promise<void>;
}

/** The APIs of the runtimes that are used here. */
interface Runtimes {
  readonly Deno?: {
    serve(options: object, handler: AppHandler): {
      readonly addr: { readonly port: number };
      readonly finished: Promise<void>;
      shutdown(): Promise<void>;
    };
  };
  readonly Bun?: {
    serve(options: object): {
      readonly port: number;
      stop(force?: boolean): Promise<void>;
    };
  };
}

const { Deno, Bun } = globalThis as Runtimes;
const hostname = "127.0.0.1";

/** Serves `handler`; `websocket` is Bun's option of that name. */
export function serveFeed(
  handler: AppHandler,
  websocket: object | undefined = eventSockets,
): FeedServer {
  if (Bun !== undefined) return serveBun(handler, websocket);
  if (Deno === undefined) {
    const server = listenByHttp(handler);
    return { ...at(server.port), ...server };
  }
  const abort = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname, signal: abort.signal, onListen() {} },
    handler,
  );
  return {
    ...at(server.addr.port),
    shutdown: () => server.shutdown(),
    stop() {
      abort.abort();
      return server.finished;
    },
  };
}

function serveBun(
  handler: AppHandler,
  websocket: object | undefined,
): FeedServer {
  const server = Bun!.serve({
    port: 0,
    hostname,
    fetch: handler,
    ...websocket && { websocket },
  });
  return {
    ...at(server.port),
    shutdown: () => server.stop(),
    stop: () => server.stop(true),
  };
}

function at(port: number): { readonly url: string; readonly port: number } {
  return { port, url: `http://${hostname}:${port}` };
}

/** Runs `work` with a server, then stops it. */
export async function withServer(
  handler: AppHandler,
  work: (server: FeedServer) => Promise<void>,
  websocket: object | undefined = eventSockets,
): Promise<void> {
  const server = serveFeed(handler, websocket);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}
