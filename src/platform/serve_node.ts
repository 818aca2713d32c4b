/**
 * Listens with `node:http` or `node:https`: on Node, and on runtimes whose own
 * server lacks an option.
 */
import {
  type Listener,
  type ListenOptions,
  type ServeHandler,
  stopWithin,
  wait,
  WRITE_SECONDS,
} from "./listener.ts";
import {
  answerByNode,
  type NodeRequest,
  type NodeResponse,
  onClosed,
} from "./node_http.ts";

interface Socket {
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
}

interface NodeServer {
  listen(options: object): unknown;
  address(): { readonly port?: number } | string | null;
  close(done: () => void): unknown;
  on(
    event: "connection",
    listener: (socket: Socket) => void,
  ): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
  once(event: "listening", listener: () => void): unknown;
}

/** The part of `node:http` and `node:https` that is used here. */
export interface NodeHttp {
  createServer(
    options: object,
    handle: (request: NodeRequest, response: NodeResponse) => void,
  ): NodeServer;
}

/** Listens for requests; rejects with the error of the runtime. */
export async function listenByNode(
  { createServer }: NodeHttp,
  handler: ServeHandler,
  { port, hostname, unix, tls, timers }: ListenOptions,
): Promise<Listener> {
  const inFlight = new Set<Promise<void>>();
  const sockets = new Set<Socket>();
  const server = createServer(
    tls === undefined ? {} : {
      cert: tls.cert,
      key: tls.key,
      minVersion: `TLSv${tls.minVersion ?? "1.2"}`,
      ...tls.clientCa !== undefined && {
        ca: tls.clientCa,
        requestCert: true,
        rejectUnauthorized: true,
      },
    },
    (request, response) => {
      const closed = new Promise<void>((done) =>
        onClosed(request, response, done)
      );
      inFlight.add(closed);
      void closed.then(() => inFlight.delete(closed));
      void answerByNode(handler, request, response, () => {
        response.statusCode = 500;
        response.end();
        return true;
      });
    },
  );
  // Of TCP: a client may connect and never begin with TLS.
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => void sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => resolve());
    server.listen(
      unix === undefined ? { port, host: hostname } : { path: unix },
    );
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" ? bound?.port ?? 0 : 0,
    stop(seconds) {
      const closed = new Promise<void>((done) => server.close(() => done()));
      let isClosing = false;
      const close = (): Promise<void> => {
        isClosing = true;
        for (const socket of sockets) socket.destroy();
        return closed;
      };
      const graceful = async (): Promise<void> => {
        const ended = [...inFlight];
        await Promise.all(ended);
        if (isClosing) return;
        if (ended.length > 0) await wait(WRITE_SECONDS, timers);
        await close();
      };
      return stopWithin(seconds, timers, graceful(), close);
    },
  };
}
