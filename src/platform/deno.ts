/** The runtime Deno: see `Runtime`. */
import type { Timers } from "../base/mod.ts";
import { isFetch, standardUrl } from "./fetch_text.ts";
import {
  type Listener,
  type ListenOptions,
  type ServeHandler,
  stopWithin,
  wait,
  WRITE_SECONDS,
} from "./listener.ts";
import { serve as serveByNode } from "./node.ts";
import {
  type ProcessInfo,
  processInfoOf,
  type ProcessLike,
} from "./process_info.ts";
import {
  acceptWebSocket,
  type Connection,
  handshakeKey,
} from "./raw_websocket.ts";
import {
  chosenProtocol,
  IDLE_SECONDS,
  type Socket,
  type SocketListener,
  type Upgrade,
} from "./websocket.ts";

export { no as encodesResponses, no as isRequestBound } from "./answers.ts";
export { onHostStop } from "./deno_host.ts";
export { denoFleet as fleetPlatform } from "./fleet_deno.ts";
export { compress, contextStore, deflate, program, tlsFetch } from "./node.ts";

interface RequestInfo {
  /** Settles when the response has been handed over for writing. */
  readonly completed: Promise<void>;
}

interface DenoServer {
  readonly addr: { readonly port?: number };
  readonly finished: Promise<void>;
}

interface DenoNamespace {
  readonly version: { readonly deno: string };
  readonly permissions?: {
    querySync?(query: object): { readonly state: string };
  };
  readonly env?: { get(name: string): string | undefined };
  readonly telemetry?: { readonly tracerProvider?: unknown };
  readTextFileSync?(path: string): string;
  readDirSync?(path: string): Iterable<unknown>;
  serve(
    options: object,
    handler: (
      request: Request,
      info: RequestInfo,
    ) => ReturnType<ServeHandler>,
  ): DenoServer;
  upgradeWebSocket(request: Request, options: object): {
    readonly socket: WebSocket;
    readonly response: Response;
  };
}

interface Global {
  readonly Deno: DenoNamespace;
  readonly process?: ProcessLike;
  /** The providers that are registered with OpenTelemetry's API. */
  readonly [API]?: { readonly trace?: unknown };
}

const API: unique symbol = Symbol.for("opentelemetry.js.api.1");

export async function serve(
  handler: ServeHandler,
  options: ListenOptions,
): Promise<Listener | undefined> {
  const { port, hostname, unix, tls, timers } = options;
  // `Deno.serve` ignores these options: it would accept clients without a
  // certificate, TLS 1.2, and plain text on a Unix socket.
  const isByNode = tls !== undefined &&
    (unix !== undefined || tls.clientCa !== undefined ||
      tls.minVersion === "1.3");
  if (isByNode) return await serveByNode(handler, options);
  const { Deno } = globalThis as unknown as Global;
  const inFlight = new Set<Promise<void>>();
  const abort = safeAbort();
  let writtenBy = 0;
  const server = Deno.serve({
    ...unix === undefined ? { port, hostname } : { path: unix },
    ...tls && { cert: tls.cert, key: tls.key },
    signal: abort.signal,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, async (request, info) => {
    let isLarge = false;
    let answered = Infinity;
    const remove = (): void => {
      const now = performance.now();
      const isSlow = now - answered > SLOW_MS;
      const seconds = isLarge || isSlow ? LARGE_WRITE_SECONDS : WRITE_SECONDS;
      writtenBy = Math.max(writtenBy, now + seconds * 1000);
      inFlight.delete(completed);
    };
    const completed = info.completed.then(remove, remove);
    inFlight.add(completed);
    const response = await handler(request, info);
    if (response === undefined) return response;
    const { headers, status } = response;
    isLarge = Number(headers.get("content-length")) > LARGE;
    const isFeed = status === 101 ||
      headers.get("content-type")?.startsWith("text/event-stream");
    if (!isFeed) answered = performance.now();
    return response;
  });
  // An error of the server must neither end the process nor replace a stop.
  const finished = server.finished.catch(() => {});
  return {
    port: server.addr.port ?? 0,
    stop(seconds) {
      // Not `shutdown()`: it waits for clients that say nothing, and Deno can
      // abort no server that is shutting down. An abort loses what is still being
      // written. So abort only once all handlers have answered and the clients
      // had time; until then, new requests still reach `handler`.
      let isClosing = false;
      const close = async (): Promise<void> => {
        isClosing = true;
        abort.abort();
        await finished;
      };
      const graceful = async (): Promise<void> => {
        while (inFlight.size > 0) await Promise.all(inFlight);
        if (isClosing) return;
        const rest = (writtenBy - performance.now()) / 1000;
        if (rest > 0) await wait(rest, timers);
        await close();
      };
      return stopWithin(seconds, timers, graceful(), close);
    },
  };
}

/** From this size on, in bytes, the system may not take a body at once. */
const LARGE = 65_536;

/** A body that took longer than these milliseconds is streamed to its client. */
const SLOW_MS = 50;

/**
 * Seconds for the client of a large body to read the rest, some 400 kB, which
 * Deno calls complete while it still holds them.
 */
const LARGE_WRITE_SECONDS = 2;

/**
 * Returns a controller whose abort does not throw. Deno's listener throws if the
 * server has already ended, and an error of a listener ends the process.
 */
function safeAbort(): AbortController {
  const abort = new AbortController();
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal) as (
    type: string,
    listener: (event: Event) => void,
    options?: object,
  ) => void;
  const addSafe = (
    type: string,
    listener: (event: Event) => void,
    options?: object,
  ): void => {
    const safe = (event: Event): void => {
      try {
        listener(event);
      } catch {
        // The server has ended, which is the purpose of an abort.
      }
    };
    add(type, safe, options);
  };
  Object.defineProperty(signal, "addEventListener", { value: addSafe });
  return abort;
}

export function upgradeWebSocket(
  request: Request,
  _server: unknown,
  listener: SocketListener,
  timers: Timers,
): Upgrade {
  const { Deno } = globalThis as unknown as Global;
  const protocol = chosenProtocol(request);
  const upgradeRaw = rawUpgradeOf(Deno);
  if (upgradeRaw !== undefined) {
    const key = handshakeKey(request);
    const { response, conn } = upgradeRaw(request);
    const handshake = { key, protocol };
    acceptWebSocket(conn, handshake, listener, timers).catch(() => {
      conn.close();
      listener.closed();
    });
    return { state: "answer", response };
  }
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: IDLE_SECONDS,
    ...protocol !== undefined && { protocol },
  });
  const open = new PolledSocket(socket, timers);
  socket.onopen = () => listener.opened(open);
  socket.onmessage = ({ data }) => listener.received(sizeOf(data));
  socket.onclose = () => {
    open.ended();
    listener.closed();
  };
  socket.onerror = () => {}; // `onclose` is called next
  return { state: "answer", response };
}

/** The upgrade that the `node:http` of Deno uses, too. */
type RawUpgrade = (
  request: Request,
) => { readonly response: Response; readonly conn: Connection };

/**
 * Returns the upgrade to a raw connection; undefined in a Deno that lacks it.
 *
 * The WebSocket of Deno joins the fragments of a message without a limit, before
 * anyone can refuse them, and after `close()` it waits for the client forever.
 * No public function of Deno prevents either. Without this upgrade, that
 * WebSocket serves the feed, with these two faults.
 */
function rawUpgradeOf(namespace: object): RawUpgrade | undefined {
  for (const symbol of Object.getOwnPropertySymbols(namespace)) {
    const internals = (namespace as Record<symbol, unknown>)[symbol];
    const { upgradeHttpRaw } = (internals ?? {}) as {
      readonly upgradeHttpRaw?: unknown;
    };
    if (typeof upgradeHttpRaw === "function") {
      return upgradeHttpRaw as RawUpgrade;
    }
  }
  return undefined;
}

function sizeOf(message: unknown): number {
  if (typeof message === "string") return message.length;
  return (message as Blob).size ?? 0;
}

/** The first wait of `drained`, in seconds; each next one is twice as long. */
const FIRST_POLL = 0.001;

/** The longest wait of `drained`, in seconds. */
const MAX_POLL = 0.02;

/** A socket that is polled: Deno has no event for a drained buffer. */
class PolledSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #timers: Timers;
  #open = true;

  constructor(socket: WebSocket, timers: Timers) {
    this.#socket = socket;
    this.#timers = timers;
  }

  send(text: string): void {
    if (this.#open) this.#socket.send(text);
  }

  buffered(): number {
    return this.#socket.bufferedAmount;
  }

  async drained(bytes: number): Promise<void> {
    let wait = FIRST_POLL;
    while (this.#open && this.buffered() >= bytes) {
      await new Promise<void>((resolve) => {
        this.#timers.after(wait, resolve);
      });
      wait = Math.min(2 * wait, MAX_POLL);
    }
  }

  close(code: number, reason: string): void {
    if (this.#open) this.#socket.close(code, reason);
    this.#open = false; // otherwise `drained` would wait for the client to answer
  }

  ended(): void {
    this.#open = false;
  }
}

export function processInfo(): ProcessInfo {
  const { Deno, process } = globalThis as unknown as Global;
  const { readTextFileSync, readDirSync } = Deno;
  return processInfoOf(process, {
    runtime: "deno",
    version: () => Deno.version.deno,
    mayRead(path) {
      // Reading without permission would prompt, which blocks the program.
      const status = Deno.permissions?.querySync?.({ name: "read", path });
      return status === undefined || status.state === "granted";
    },
    // Much faster at the first call than to load `node:fs`.
    ...readTextFileSync && readDirSync && {
      files: {
        readFileSync: (path) => readTextFileSync(path),
        readdirSync: (path) => [...readDirSync(path)],
      },
    },
    onGc: () => undefined,
  });
}

export function variable(name: string): string | undefined {
  const { Deno } = globalThis as unknown as Global;
  // Reading without permission would prompt, which blocks the program.
  const query = { name: "env", variable: name };
  const status = Deno.permissions?.querySync?.(query);
  if (status !== undefined && status.state !== "granted") return undefined;
  // Not by `process`, which takes up to 200 ms to load.
  return Deno.env?.get(name);
}

/** With `OTEL_DENO=true`, Deno registers its own providers before any module. */
export function exportsTelemetry(): boolean {
  const { Deno, [API]: api } = globalThis as unknown as Global;
  const own = Deno.telemetry?.tracerProvider;
  return own !== undefined && own === api?.trace;
}

/**
 * Deno runs its event loop as a task of tokio, which polls sockets when no task
 * is ready, otherwise once in 61 tasks (its event interval). A loop with pending
 * turns is always ready. The number is not documented, so a test checks it:
 * tests/runtimes/turns_test.ts.
 */
export function turnsPerPoll(): number {
  return 61;
}

export function nextUrlOf(fetch: unknown): typeof standardUrl | undefined {
  const own =
    /^function fetch\(\.\.\.\w+\) ?\{\s*return lazyFetch\(\)\.fetch\(/;
  return isFetch(fetch, own) ? standardUrl : undefined;
}
