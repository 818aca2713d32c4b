/** The server of the runtime that runs the test, on a free port. */
import * as http from "node:http";
import { nodeHandler } from "../../src/frameworks/mod.ts";
import { skippedUnless } from "../support/rounds.ts";

/** A handler; `extra` is the runtime's second argument. */
export type AppHandler = (
  request: Request,
  extra?: unknown,
) => Response | undefined | Promise<Response | undefined>;

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Upgrades a request to an echo WebSocket, with the API of the runtime. */
  upgrade(request: Request, extra: unknown): Response | undefined;
  /** Stops immediately, so that a hanging request does not hang the test. */
  stop(): Promise<void>;
}

interface DenoServer {
  readonly addr: { readonly port: number };
  readonly finished: Promise<void>;
}

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
  stop(force?: boolean): Promise<void>;
}

/** The APIs of the runtimes that tests use, typed without either runtime. */
interface Runtimes {
  readonly Deno?: {
    serve(
      options: object,
      handler: (request: Request, info: unknown) => unknown,
    ): DenoServer;
    upgradeWebSocket(
      request: Request,
    ): { readonly socket: WebSocket; readonly response: Response };
  };
  readonly Bun?: { serve(options: object): BunServer };
}

const { Deno, Bun } = globalThis as Runtimes;

function runtime(): "deno" | "bun" | "node" {
  if (Deno !== undefined) return "deno";
  return Bun !== undefined ? "bun" : "node";
}

/** The name of the runtime. */
export const RUNTIME: "deno" | "bun" | "node" = runtime();

/** The prefix of the names of metrics of the runtime. */
export const METRICS_PREFIX: string = RUNTIME === "node" ? "nodejs" : RUNTIME;

const NO_SOCKETS = "Node has no server side of a WebSocket";

/** Returns the option that skips a test of WebSockets on Node. */
export function needsSockets(): { skip: string | false } {
  return skippedUnless(RUNTIME !== "node", NO_SOCKETS);
}

type Routes = Readonly<Record<string, AppHandler>>;

/**
 * Serves `handler` on loopback, and `routes` (`/users/:id`) in front of it: on Bun
 * by its option `routes`, on Deno by `URLPattern`, on Node by a search.
 */
export function serve(handler: AppHandler, routes: Routes = {}): RunningServer {
  if (Deno !== undefined) return serveDeno(handler, routes);
  return Bun !== undefined
    ? serveBun(handler, routes)
    : serveNode(handler, routes);
}

function serveDeno(handler: AppHandler, routes: Routes): RunningServer {
  const stop = new AbortController();
  const { signal } = stop;
  const patterns = Object.entries(routes).map(([pathname, route]) =>
    [new URLPattern({ pathname }), route] as const
  );
  const server = Deno!.serve(
    { port: 0, hostname: "127.0.0.1", signal, onListen() {} },
    (request, info) => {
      const found = patterns.find(([pattern]) => pattern.test(request.url));
      return (found?.[1] ?? handler)(request, info);
    },
  );
  const { port } = server.addr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    upgrade(request) {
      const { socket, response } = Deno!.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    },
    async stop() {
      stop.abort();
      await server.finished;
    },
  };
}

function serveBun(handler: AppHandler, routes: Routes): RunningServer {
  const server = Bun!.serve({
    port: 0,
    hostname: "127.0.0.1",
    routes,
    fetch: handler,
    websocket: {
      message: (socket: WebSocket, data: string) => socket.send(data),
    },
  });
  return {
    port: server.port,
    url: `http://127.0.0.1:${server.port}`,
    upgrade(request, extra) {
      const upgraded = (extra as BunServer).upgrade(request);
      return upgraded ? undefined : new Response("no upgrade", { status: 400 });
    },
    stop: () => server.stop(true),
  };
}

/** A server of `node:http` that answers by a handler. */
export interface NodeServer {
  readonly port: number;
  /** Stops accepting requests, and waits for open ones. */
  shutdown(): Promise<void>;
  /** Stops immediately. */
  stop(): Promise<void>;
}

/** Serves `handler` with `node:http`. */
export function listenByHttp(handler: AppHandler): NodeServer {
  const server = http.createServer(
    nodeHandler((request) => handler(request)) as http.RequestListener,
  );
  // Without a host, the port is bound before `listen` returns.
  server.listen(0);
  // A connection that falls idle later would stay open for `keepAliveTimeout`.
  let isClosing = false;
  server.on("request", (_request, response) => {
    response.on("close", () => {
      if (isClosing) setImmediate(() => server.closeIdleConnections());
    });
  });
  const shutdown = () => {
    isClosing = true;
    return new Promise<void>((done) => void server.close(() => done()));
  };
  return {
    port: (server.address() as { readonly port: number }).port,
    shutdown,
    stop() {
      const closed = shutdown();
      server.closeAllConnections();
      return closed;
    },
  };
}

function serveNode(handler: AppHandler, routes: Routes): RunningServer {
  const patterns = Object.entries(routes).map(([path, route]) =>
    [new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`), route] as const
  );
  const { port, stop } = listenByHttp((request, extra) => {
    const { pathname } = new URL(request.url);
    const found = patterns.find(([pattern]) => pattern.test(pathname));
    return (found?.[1] ?? handler)(request, extra);
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    upgrade: () => new Response(NO_SOCKETS, { status: 501 }),
    stop,
  };
}
