/** The runtime Bun: see `Runtime`. */
import type { Cancel, Timers } from "../base/mod.ts";
import { isFetch, utf8Of } from "./fetch_text.ts";
import {
  type Listener,
  type ListenOptions,
  type ServeHandler,
  stopWithin,
} from "./listener.ts";
import {
  type ProcessInfo,
  processInfoOf,
  type ProcessLike,
} from "./process_info.ts";
import {
  CLOSE_SECONDS,
  IDLE_SECONDS,
  MAX_MESSAGE_BYTES,
  type Socket,
  type SocketListener,
  type Upgrade,
} from "./websocket.ts";

export {
  never as onHostStop,
  no as encodesResponses,
  no as exportsTelemetry,
  no as isRequestBound,
} from "./answers.ts";
export { bunFleet as fleetPlatform } from "./fleet_bun.ts";
export {
  compress,
  contextStore,
  deflate,
  program,
  tlsFetch,
  variable,
} from "./node.ts";

interface BunServer {
  readonly port?: number;
  stop(force: boolean): Promise<void>;
  upgrade(request: Request, options: object): boolean;
}

interface Global {
  readonly Bun: {
    readonly version: string;
    serve(options: object): BunServer;
  };
  readonly process?: ProcessLike;
}

/** `SSL_OP_NO_TLSv1_2` of OpenSSL; BoringSSL uses the same value. */
const NO_TLS_1_2 = 0x08000000;

// deno-lint-ignore require-await -- errors are rejections on every runtime
export async function serve(
  handler: ServeHandler,
  { port, hostname, unix, tls, timers }: ListenOptions,
): Promise<Listener | undefined> {
  const { Bun } = globalThis as unknown as Global;
  const server = Bun.serve({
    ...unix === undefined ? { port, hostname } : { unix },
    ...tls && {
      tls: {
        cert: tls.cert,
        key: tls.key,
        ...tls.minVersion === "1.3" && { secureOptions: NO_TLS_1_2 },
        ...tls.clientCa !== undefined && {
          ca: tls.clientCa,
          requestCert: true,
          rejectUnauthorized: true,
        },
      },
    },
    fetch: handler,
    websocket: webSocketHandlers,
    error: () => new Response(null, { status: 500 }),
    development: false,
    reusePort: false, // otherwise Bun shares a port in use instead of failing
  });
  return {
    port: server.port ?? 0,
    stop: (seconds) =>
      stopWithin(seconds, timers, server.stop(false), () => server.stop(true)),
  };
}

export function upgradeWebSocket(
  request: Request,
  server: unknown,
  listener: SocketListener,
  timers: Timers,
): Upgrade {
  const { upgrade } = (server ?? {}) as Partial<BunServer>;
  if (typeof upgrade !== "function") return { state: "unavailable" };
  const data = new BunSession(listener, timers);
  try {
    const isUpgraded = upgrade.call(server, request, { data });
    return { state: isUpgraded ? "answered" : "unavailable" };
  } catch {
    return { state: "unavailable" }; // the server has no WebSocket handlers
  }
}

/** A socket of `Bun.serve`. */
interface BunSocket {
  readonly data: unknown;
  send(text: string): number;
  getBufferedAmount(): number;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** The `data` of a socket of `Bun.serve`. */
class BunSession implements Socket {
  readonly #listener: SocketListener;
  readonly #timers: Timers;
  #socket: BunSocket | undefined;
  #waiting: (() => void)[] = [];
  #cancelEnd: Cancel = () => {};

  constructor(listener: SocketListener, timers: Timers) {
    this.#listener = listener;
    this.#timers = timers;
  }

  opened(socket: BunSocket): void {
    this.#socket = socket;
    this.#listener.opened(this);
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  buffered(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  async drained(bytes: number): Promise<void> {
    while (this.#socket !== undefined && this.buffered() >= bytes) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(code: number, reason: string): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#cancelEnd();
    this.#cancelEnd = this.#timers.after(
      CLOSE_SECONDS,
      () => socket.terminate(),
    );
    socket.close(code, reason);
  }

  received(bytes: number): void {
    this.#listener.received(bytes);
  }

  drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  ended(): void {
    this.#socket = undefined;
    this.#cancelEnd();
    this.drain();
    this.#listener.closed();
  }
}

/** The value of the option `websocket` of `Bun.serve`. */
export interface WebSocketHandlers {
  /** Called when a client has connected. */
  open(socket: unknown): void;
  /** Called for each message of a client; only its size is read. */
  message(socket: unknown, message: unknown): void;
  /** Called for each ping of a client. */
  ping(socket: unknown, payload: unknown): void;
  /** Called for each pong of a client. */
  pong(socket: unknown, payload: unknown): void;
  /** Called when a client has read the buffered bytes. */
  drain(socket: unknown): void;
  /** Called when a client has disconnected. */
  close(socket: unknown): void;
  /** The maximum size of a message from a client, in bytes. */
  readonly maxPayloadLength: number;
  /** Seconds after which a client that answers no ping is disconnected. */
  readonly idleTimeout: number;
  /** No limit: beyond one, Bun drops frames silently. */
  readonly backpressureLimit: 0;
}

/** Passes socket events on to the handler that upgraded the request. */
export const webSocketHandlers: WebSocketHandlers = {
  open: (socket) => sessionOf(socket)?.opened(socket as BunSocket),
  message: received,
  ping: received,
  pong: received,
  drain: (socket) => sessionOf(socket)?.drain(),
  close: (socket) => sessionOf(socket)?.ended(),
  maxPayloadLength: MAX_MESSAGE_BYTES,
  idleTimeout: IDLE_SECONDS,
  backpressureLimit: 0, // the sender checks `buffered()` itself
};

function received(socket: unknown, payload: unknown): void {
  const { length } = payload as string | Uint8Array;
  sessionOf(socket)?.received(length);
}

function sessionOf(socket: unknown): BunSession | undefined {
  const { data } = socket as BunSocket;
  return data instanceof BunSession ? data : undefined;
}

export function processInfo(): ProcessInfo {
  const { Bun, process } = globalThis as unknown as Global;
  return processInfoOf(process, {
    runtime: "bun",
    version: () => Bun.version,
    mayRead: () => true,
    onGc: () => undefined,
  });
}

export function turnsPerPoll(): number {
  return 1;
}

export function nextUrlOf(fetch: unknown): typeof bunUrl | undefined {
  const own = /^function fetch\(\) \{\s*\[native code\]\s*\}$/;
  // A mock of bun:test has the name and the text of what it replaces.
  return isFetch(fetch, own) &&
      Object.getPrototypeOf(fetch) === Function.prototype
    ? bunUrl
    : undefined;
}

/**
 * Bun reads the bytes of a location as UTF-8, follows no empty one, and takes
 * credentials from the URL of the call only.
 */
function bunUrl(location: string, from: URL): URL | undefined {
  if (location === "") return undefined;
  const next = new URL(utf8Of(location), from);
  const { username, password } = next.origin === from.origin ? from : NOBODY;
  return Object.assign(next, { username, password });
}

const NOBODY = { username: "", password: "" };
