/** The server of the runtime that runs the test, on a free port. */

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

/** The name of the runtime. */
export const RUNTIME: "deno" | "bun" = Deno === undefined ? "bun" : "deno";

type Routes = Readonly<Record<string, AppHandler>>;

/**
 * Serves `handler` on loopback, and `routes` (`/users/:id`) in front of it: on Bun
 * by its option `routes`, on Deno by `URLPattern`.
 */
export function serve(handler: AppHandler, routes: Routes = {}): RunningServer {
  return Deno === undefined
    ? serveBun(handler, routes)
    : serveDeno(handler, routes);
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
