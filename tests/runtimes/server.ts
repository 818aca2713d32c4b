/** The server of the runtime that runs the test, on a port that is free. */

/** A handler, and what the server passes beside the request. */
export type AppHandler = (
  request: Request,
  extra?: unknown,
) => Response | undefined | Promise<Response | undefined>;

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Upgrades a request to a WebSocket that echoes, as the runtime does it. */
  upgrade(request: Request, extra: unknown): Response | undefined;
  stop(): Promise<void>;
}

interface BunServer {
  readonly port: number;
  upgrade(request: Request): boolean;
  stop(force?: boolean): Promise<void>;
}

interface Runtimes {
  readonly Deno?: {
    serve(
      options: object,
      handler: (request: Request, info: unknown) => unknown,
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
    upgradeWebSocket(
      request: Request,
    ): { readonly socket: WebSocket; readonly response: Response };
  };
  readonly Bun?: { serve(options: object): BunServer };
}

const { Deno, Bun } = globalThis as Runtimes;

/** The name of the runtime. */
export const RUNTIME: "deno" | "bun" = Deno === undefined ? "bun" : "deno";

/** Serves `handler` on loopback; `routes` are Bun's, where it is Bun. */
export function serve(
  handler: AppHandler,
  routes: Readonly<Record<string, AppHandler>> = {},
): RunningServer {
  return Deno === undefined ? serveBun(handler, routes) : serveDeno(handler);
}

function serveDeno(handler: AppHandler): RunningServer {
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno!.serve(options, handler);
  const { port } = server.addr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    upgrade(request) {
      const { socket, response } = Deno!.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    },
    stop: () => server.shutdown(),
  };
}

function serveBun(
  handler: AppHandler,
  routes: Readonly<Record<string, AppHandler>>,
): RunningServer {
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
