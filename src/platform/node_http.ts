/**
 * Converts between the requests of `node:http` and those of Fetch: also for
 * `node:https`, the compatibility layer of `node:http2`, and frameworks on top.
 *
 * - A request body is read when the handler reads it, and only as fast.
 * - A response body is written as fast as the client reads, and cancelled when
 *   the client disconnects.
 * - Only `Host` names the host: headers of proxies are passed on, not trusted.
 */

/** The part of a request of `node:http` that is used here. */
export interface NodeRequest {
  /** The method. */
  readonly method?: string | undefined;
  /** The path with the query; without the path at which a router is mounted. */
  readonly url?: string | undefined;
  /** The path with the query as the client has sent it, set by frameworks. */
  readonly originalUrl?: string | undefined;
  /** The headers by their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Names and values of the headers in turn. */
  readonly rawHeaders: readonly string[];
  /** The version of the protocol, such as `1.1`. */
  readonly httpVersion?: string | undefined;
  /** The major version of the protocol. */
  readonly httpVersionMajor?: number | undefined;
  /** Whether the client has left before the request was complete. */
  readonly aborted?: boolean | undefined;
  /** The connection. */
  readonly socket?: unknown;
}

/** The part of a response of `node:http` that is used here. */
export interface NodeResponse {
  /** The status. */
  statusCode: number;
  /** Whether the headers have been sent. */
  readonly headersSent: boolean;
  /** Whether `end` has been called. */
  readonly writableEnded: boolean;
  /** The connection; null while its earlier requests are being answered. */
  readonly socket?: unknown;
  /** Returns a header that has been set. */
  getHeader(name: string): unknown;
  /** Sets a header. */
  setHeader(name: string, value: string | string[]): unknown;
  /** Returns the names of the headers that have been set. */
  getHeaderNames(): readonly string[];
  /** Removes a header. */
  removeHeader(name: string): unknown;
  /** Sends the headers. */
  writeHead(status: number): unknown;
  /** Sends a part of the body; false if the client should read first. */
  write(chunk: Uint8Array): boolean;
  /** Ends the response. */
  end(): unknown;
  /** Adds a listener. */
  on(event: "close" | "drain", listener: () => void): unknown;
}

/** The property of a `Request` that has the request of `node:http` behind it. */
export const NODE_REQUEST: unique symbol = /* @__PURE__ */ Symbol(
  "barograph.node_request",
);

/** Answers requests of `node:http`. */
export type FetchHandler = (
  request: Request,
) => Response | undefined | void | Promise<Response | undefined | void>;

interface Socket {
  readonly destroyed?: boolean;
  readonly encrypted?: boolean;
  once(event: "close", listener: () => void): unknown;
}

/** Members that the types of some responses lack. */
interface AnyResponse extends NodeResponse {
  readonly destroyed?: boolean;
  destroy?(): unknown;
  flushHeaders?(): void;
  off(event: "drain", listener: () => void): unknown;
}

/**
 * Answers a request with `handler`. Resolves when the response has been sent or
 * given up; never rejects.
 *
 * `onFault` receives the error of a handler or of its answer. The client gets the
 * status 500, unless `onFault` returns true: then it has answered. If the headers
 * have been sent or the client has left, the response is broken off instead.
 */
export async function answerByNode(
  handler: FetchHandler,
  incoming: NodeRequest,
  outgoing: NodeResponse,
  onFault: (error: unknown) => boolean = () => false,
): Promise<void> {
  const abort = new AbortController();
  onClosed(incoming, outgoing, () => {
    if (!outgoing.writableEnded) abort.abort();
  });
  const { signal } = abort;
  try {
    const request = requestOf(incoming, signal);
    if (request === undefined) return sendText(outgoing, 405, "unsupported");
    const response = await handler(request);
    if (response) await send(response, incoming, outgoing, signal);
    else sendText(outgoing, 404, "not found");
  } catch (error) {
    // On Deno, an upload fails before its response is closed.
    if (signal.aborted || incoming.aborted || outgoing.headersSent) {
      (outgoing as AnyResponse).destroy?.();
    } else if (!onFault(error)) {
      sendText(outgoing, 500, "internal error");
    }
  }
}

/**
 * Calls `listener` when `outgoing` is closed, completed or not; immediately, if
 * it already is.
 */
export function onClosed(
  incoming: NodeRequest,
  outgoing: NodeResponse,
  listener: () => void,
): void {
  outgoing.on("close", listener);
  const socket = incoming.socket as Socket | undefined;
  // A response that waits for earlier ones of its connection is not notified.
  if (outgoing.socket === null && socket && incoming.httpVersionMajor === 1) {
    if (socket.destroyed) listener();
    else onSocketClosed(socket, outgoing, listener);
  } else if ((outgoing as AnyResponse).destroyed === true) {
    listener();
  }
}

/** Listeners by connection: Node warns if a socket itself has more than ten. */
const waiting = /* @__PURE__ */ new WeakMap<Socket, Set<() => void>>();

/** Calls `listener` when `socket` is closed before `outgoing`. */
function onSocketClosed(
  socket: Socket,
  outgoing: NodeResponse,
  listener: () => void,
): void {
  let listeners = waiting.get(socket);
  if (listeners === undefined) {
    const added = listeners = new Set();
    waiting.set(socket, added);
    socket.once("close", () => {
      for (const listener of added) listener();
    });
  }
  listeners.add(listener);
  // A connection may carry requests without end.
  outgoing.on("close", () => void listeners.delete(listener));
}

/**
 * Returns path and query of a request, also of one with an absolute URL: in
 * those, clients choose the host. Begins with a slash.
 */
export function targetOf({ originalUrl, url }: NodeRequest): string {
  const target = originalUrl ?? url ?? "/";
  if (target.startsWith("/")) return target;
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  return path.startsWith("/") ? path : `/${path}`;
}

/** Returns whether a request came by TLS. */
export function isEncrypted({ headers, socket }: NodeRequest): boolean {
  // Of HTTP/2: its socket may not be readable.
  const scheme = headers[":scheme"];
  if (scheme !== undefined) return scheme === "https";
  return (socket as Socket | undefined)?.encrypted === true;
}

/** Returns the request; undefined for methods that `Request` forbids (TRACE). */
function requestOf(
  incoming: NodeRequest,
  signal: AbortSignal,
): Request | undefined {
  const { method = "GET", rawHeaders } = incoming;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.startsWith(":")) continue; // HTTP/2
    try {
      headers.append(name, rawHeaders[at + 1]!);
    } catch {
      // Fetch rejects some headers that HTTP/1.1 parsers accept: drop them.
    }
  }
  const authority = incoming.headers[":authority"];
  if (typeof authority === "string" && !headers.has("host")) {
    headers.set("host", authority);
  }
  const url = new URL(
    isEncrypted(incoming) ? "https://localhost" : "http://localhost",
  );
  const target = targetOf(incoming);
  const query = target.indexOf("?");
  url.pathname = query < 0 ? target : target.slice(0, query);
  url.search = query < 0 ? "" : target.slice(query);
  const host = headers.get("host");
  if (host !== null && /^[a-z0-9.:[\]-]{1,255}$/i.test(host)) url.host = host;
  const init = { method, headers, signal, body: bodyOf(incoming) };
  try {
    const made = new Request(
      url.href,
      { ...init, duplex: "half" } as RequestInit,
    );
    return Object.assign(made, { [NODE_REQUEST]: incoming });
  } catch {
    return undefined;
  }
}

/** Returns the body of a request; null if it has none. */
function bodyOf(incoming: NodeRequest): ReadableStream<Uint8Array> | null {
  const { method = "GET", headers, httpVersionMajor = 1 } = incoming;
  if (method === "GET" || method === "HEAD") return null;
  const { "content-length": length, "transfer-encoding": coding } = headers;
  if (length === "0") return null;
  const isDeclared = length !== undefined || coding !== undefined;
  if (!isDeclared && httpVersionMajor < 2) return null;
  let chunks: AsyncIterator<unknown> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      chunks ??= chunksOf(incoming);
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(bytesOf(value));
    },
    async cancel() {
      await chunks?.return?.();
    },
  }, { highWaterMark: 0 });
}

/** Reads a stream. An early end does not destroy it, which closes its socket. */
function chunksOf(incoming: NodeRequest): AsyncIterator<unknown> {
  const stream = incoming as unknown as AsyncIterable<unknown> & {
    iterator?(options: object): AsyncIterator<unknown>;
  };
  return stream.iterator?.({ destroyOnReturn: false }) ??
    stream[Symbol.asyncIterator]();
}

/** Returns the bytes of a chunk, which is text if the program wants text. */
function bytesOf(chunk: unknown): Uint8Array {
  return typeof chunk === "string"
    ? new TextEncoder().encode(chunk)
    : chunk as Uint8Array;
}

/** Headers of a connection, which HTTP/2 refuses. */
const OF_CONNECTION: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

async function send(
  { status, headers, body }: Response,
  { method, httpVersionMajor = 1 }: NodeRequest,
  outgoing: NodeResponse,
  signal: AbortSignal,
): Promise<void> {
  if (outgoing.headersSent || signal.aborted) return void abandon(body);
  if (!(status >= 200 && status <= 999)) {
    throw new RangeError(`Cannot send the status ${status}`);
  }
  const reader = method === "HEAD" ? undefined : body?.getReader();
  headers.forEach((value, name) => {
    if (httpVersionMajor > 1 && OF_CONNECTION.has(name)) return;
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  });
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (body === null) {
    // Unlike `writeHead`, this sends a length of 0.
    outgoing.statusCode = status;
    outgoing.end();
    return;
  }
  outgoing.writeHead(status);
  if (reader === undefined) {
    void abandon(body);
  } else {
    // Clients of feeds get the headers before there is an event.
    if (!headers.has("content-length")) {
      (outgoing as AnyResponse).flushHeaders?.();
    }
    await pump(reader, outgoing as AnyResponse, signal);
  }
  outgoing.end();
}

/** Cancels a body without waiting: that of a clone waits for its original. */
async function abandon(body: ReadableStream | null): Promise<void> {
  try {
    await body?.cancel();
  } catch {
    // Its source failed while it was cancelled, or it is being read.
  }
}

/** Writes a body, as fast as the client reads. */
async function pump(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">,
  outgoing: AnyResponse,
  signal: AbortSignal,
): Promise<void> {
  let drained = () => {};
  const proceed = () => drained();
  outgoing.on("drain", proceed);
  signal.addEventListener("abort", () => {
    void reader.cancel(signal.reason).catch(() => {});
    drained();
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) break;
    if (outgoing.write(value)) continue;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else drained = resolve;
    });
  }
  outgoing.off("drain", proceed);
}

function sendText(outgoing: NodeResponse, status: number, text: string): void {
  if (outgoing.headersSent) return;
  // Those of an answer that could not be sent.
  for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
  outgoing.setHeader("content-type", "text/plain; charset=utf-8");
  if (status === 405) outgoing.setHeader("allow", "GET, HEAD");
  outgoing.writeHead(status);
  outgoing.write(new TextEncoder().encode(`${text}\n`));
  outgoing.end();
}
