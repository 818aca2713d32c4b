/**
 * A server of feeds on a port that is free: one that can be stopped in good
 * order, which takes as long as the feeds do, and that is given the handlers of
 * WebSockets as the documentation says, or not.
 */
import { eventSockets } from "../../src/http/mod.ts";
import type { AppHandler } from "./server.ts";

export interface FeedServer {
  readonly url: string;
  readonly port: number;
  /** Stops in good order: waits for the requests that are being answered. */
  shutdown(): Promise<void>;
  /** Stops at once. */
  stop(): Promise<void>;
}

/** What is used of the runtimes. */
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

/** Serves `handler`, with `websocket` as Bun's option of that name. */
export function serveFeed(
  handler: AppHandler,
  websocket: object | undefined = eventSockets,
): FeedServer {
  if (Deno === undefined) return serveBun(handler, websocket);
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

/** Does `work` with a server, and stops it at once. */
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
