/**
 * The server's end of a WebSocket, alike on every runtime that has one.
 *
 * Deno upgrades a request by itself; Bun asks the server that the request came
 * to, and calls handlers that were given to it: see `webSocketHandlers`.
 */
import { unref } from "./timers.ts";

/** What happens to a socket. */
export interface SocketListener {
  /** It is open: text can be sent. */
  opened(socket: Socket): void;
  /** It is closed, by whomever; called once. */
  closed(): void;
}

/** A socket that text is sent to. */
export interface Socket {
  /** Sends a text frame; what the client does not take is buffered. */
  send(text: string): void;
  /** Bytes that are buffered. */
  buffered(): number;
  /** Waits until less than `bytes` are buffered, or it is closed. */
  drained(bytes: number): Promise<void>;
  /** Closes it, by RFC 6455's codes. */
  close(code: number, reason: string): void;
}

/** How an upgrade went. */
export type Upgrade =
  /** Answer with that response. */
  | { readonly state: "answer"; readonly response: Response }
  /** Answer nothing: the server has done so. */
  | { readonly state: "answered" }
  /** Neither the runtime nor the server can do it. */
  | { readonly state: "unavailable" };

/** Seconds after which a client that answers no ping is given up. */
const IDLE = 30;

/**
 * How long a runtime that does not tell is left in peace at most before it is
 * asked again what is buffered, in ms. A client that reads is asked for sooner.
 */
const LOOK_AGAIN_MS = 20;

interface DenoLike {
  upgradeWebSocket(request: Request, options: object): {
    readonly socket: WebSocket;
    readonly response: Response;
  };
}

interface BunServer {
  upgrade(request: Request, options: object): boolean;
}

/**
 * Upgrades `request`. `server` is what the runtime passed beside it.
 *
 * @throws {Error} If the request is malformed, as the runtime says.
 */
export function upgradeWebSocket(
  request: Request,
  server: unknown,
  listener: SocketListener,
): Upgrade {
  const { Deno } = globalThis as { Deno?: DenoLike };
  if (Deno !== undefined) {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: IDLE,
    });
    const open = new OpenSocket(socket);
    socket.onopen = () => listener.opened(open);
    socket.onclose = () => {
      open.ended();
      listener.closed();
    };
    socket.onerror = () => {}; // it closes next
    return { state: "answer", response };
  }
  const { upgrade } = (server ?? {}) as Partial<BunServer>;
  if (typeof upgrade !== "function") return { state: "unavailable" };
  const data = new BunSession(listener);
  try {
    const isUpgraded = upgrade.call(server, request, { data });
    return { state: isUpgraded ? "answered" : "unavailable" };
  } catch {
    return { state: "unavailable" }; // it was given no handlers
  }
}

/** A socket that does not tell when it is drained. */
class OpenSocket implements Socket {
  readonly #socket: WebSocket;
  #open = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(text: string): void {
    if (this.#open) this.#socket.send(text);
  }

  buffered(): number {
    return this.#socket.bufferedAmount;
  }

  async drained(bytes: number): Promise<void> {
    let ms = 1;
    while (this.#open && this.buffered() >= bytes) {
      await new Promise<void>((done) => {
        unref(setTimeout(done, ms));
      });
      ms = Math.min(2 * ms, LOOK_AGAIN_MS);
    }
  }

  close(code: number, reason: string): void {
    if (this.#open) this.#socket.close(code, reason);
    this.#open = false; // nobody waits on for a client that never answers
  }

  ended(): void {
    this.#open = false;
  }
}

/** A socket of Bun's server. */
interface BunSocket {
  readonly data: unknown;
  send(text: string): number;
  getBufferedAmount(): number;
  close(code: number, reason: string): void;
}

/** What a socket of Bun's server carries. */
class BunSession implements Socket {
  readonly listener: SocketListener;
  #socket: BunSocket | undefined;
  #waiting: (() => void)[] = [];

  constructor(listener: SocketListener) {
    this.listener = listener;
  }

  opened(socket: BunSocket): void {
    this.#socket = socket;
    this.listener.opened(this);
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  buffered(): number {
    return this.#socket?.getBufferedAmount() ?? 0;
  }

  async drained(bytes: number): Promise<void> {
    while (this.#socket !== undefined && this.buffered() >= bytes) {
      await new Promise<void>((done) => this.#waiting.push(done));
    }
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  drain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  ended(): void {
    this.#socket = undefined;
    this.drain();
    this.listener.closed();
  }
}

/** What Bun's server is to call, as its option `websocket`. */
export interface WebSocketHandlers {
  /** A client has connected. */
  open(socket: unknown): void;
  /** A client has said something, which nobody listens to. */
  message(): void;
  /** A client has taken what was buffered. */
  drain(socket: unknown): void;
  /** A client is gone. */
  close(socket: unknown): void;
  /** Bytes that a client may say at once. */
  readonly maxPayloadLength: number;
  /** Seconds after which a client that answers no ping is given up. */
  readonly idleTimeout: number;
  /** None: beyond a limit, Bun would drop frames without a word. */
  readonly backpressureLimit: 0;
}

/** Passes what happens to a socket on to who upgraded it. */
export const webSocketHandlers: WebSocketHandlers = {
  open: (socket) => sessionOf(socket)?.opened(socket as BunSocket),
  message: () => {},
  drain: (socket) => sessionOf(socket)?.drain(),
  close: (socket) => sessionOf(socket)?.ended(),
  maxPayloadLength: 1024,
  idleTimeout: IDLE,
  backpressureLimit: 0, // who sends asks what is buffered
};

function sessionOf(socket: unknown): BunSession | undefined {
  const { data } = socket as BunSocket;
  return data instanceof BunSession ? data : undefined;
}
