/**
 * Listens with `node:http` or `node:https`: on Node, and on runtimes whose own
 * server lacks an option.
 *
 * - Request bodies are not read, because no handler of this module needs one.
 * - A response body is written as fast as the client reads, and cancelled when
 *   the client disconnects.
 */
import {
  type Listener,
  type ListenOptions,
  type ServeHandler,
  stopWithin,
  wait,
  WRITE_SECONDS,
} from "./listener.ts";

interface Incoming {
  readonly method?: string;
  readonly url?: string;
  readonly rawHeaders: readonly string[];
}

interface Outgoing {
  readonly destroyed: boolean;
  writeHead(status: number, headers: readonly string[]): unknown;
  write(bytes: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

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
    handle: (request: Incoming, response: Outgoing) => void,
  ): NodeServer;
}

/** Listens for requests; rejects with the error of the runtime. */
export async function listenByNode(
  { createServer }: NodeHttp,
  handler: ServeHandler,
  { port, hostname, unix, tls, timers }: ListenOptions,
): Promise<Listener> {
  const inFlight = new Set<Outgoing>();
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
      inFlight.add(response);
      response.once("close", () => void inFlight.delete(response));
      void answer(handler, request, response);
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
        const ended = [...inFlight].map((response) =>
          new Promise<void>((done) => response.once("close", done))
        );
        await Promise.all(ended);
        if (isClosing) return;
        if (ended.length > 0) await wait(WRITE_SECONDS, timers);
        await close();
      };
      return stopWithin(seconds, timers, graceful(), close);
    },
  };
}

/** Answers one request; never throws. */
async function answer(
  handler: ServeHandler,
  incoming: Incoming,
  outgoing: Outgoing,
): Promise<void> {
  const abort = new AbortController();
  outgoing.once("close", () => abort.abort());
  try {
    const request = requestOf(incoming, abort.signal);
    const response = request === undefined
      ? new Response(null, { status: 405, headers: { allow: "GET, HEAD" } })
      : await handler(request) ?? new Response(null, { status: 404 });
    await send(response, outgoing, incoming.method === "HEAD");
  } catch {
    outgoing.destroy();
  }
}

/** Returns the request; undefined for methods that `Request` forbids (TRACE). */
function requestOf(
  incoming: Incoming,
  signal: AbortSignal,
): Request | undefined {
  const { method = "GET", rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    try {
      headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
    } catch {
      // Fetch rejects some headers that HTTP/1.1 parsers accept: drop them.
    }
  }
  // Use only the path: in an absolute URL, the client chooses the host.
  const path = (incoming.url ?? "/").replace(/^[a-z]+:\/\/[^/]*/i, "");
  const url = new URL("http://localhost");
  const query = path.indexOf("?");
  url.pathname = query < 0 ? path : path.slice(0, query);
  url.search = query < 0 ? "" : path.slice(query);
  const host = headers.get("host");
  if (host !== null && /^[a-z0-9.:[\]-]{1,255}$/i.test(host)) url.host = host;
  try {
    return new Request(url.href, { method, headers, signal });
  } catch {
    return undefined;
  }
}

async function send(
  { status, headers, body }: Response,
  outgoing: Outgoing,
  isHead: boolean,
): Promise<void> {
  const pairs: string[] = [];
  headers.forEach((value, name) => pairs.push(name, value));
  outgoing.writeHead(status, pairs);
  if (isHead || body === null) {
    await body?.cancel();
    outgoing.end();
    return;
  }
  const reader = body.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  outgoing.once("close", cancel);
  for (;;) {
    const { done, value } = await reader.read();
    if (done || outgoing.destroyed) break;
    if (!outgoing.write(value)) await drained(outgoing);
  }
  outgoing.off("close", cancel);
  outgoing.end();
}

function drained(outgoing: Outgoing): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.once("drain", done);
    outgoing.once("close", done);
  });
}
