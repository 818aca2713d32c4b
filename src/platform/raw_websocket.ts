/**
 * A WebSocket over a raw connection, for runtimes whose own WebSocket cannot
 * refuse what a client sends.
 *
 * - Reads into one small buffer that is reused, and keeps nothing of it.
 * - Writes as fast as the client reads; `buffered` is exact.
 * - The connection ends with the socket, whatever the client does.
 */
import type { Cancel, Timers } from "../base/mod.ts";
import {
  CLOSE_SECONDS,
  IDLE_SECONDS,
  MAX_MESSAGE_BYTES,
  type Socket,
  type SocketListener,
} from "./websocket.ts";
import {
  closeFrame,
  type FrameListener,
  FrameReader,
  pingFrame,
  pongFrame,
  textFrame,
} from "./websocket_frames.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A connection after the upgrade; writing may be partial. */
export interface Connection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
}

/** A handshake of RFC 6455, section 4.2.1. */
export interface WebSocketHandshake {
  readonly key: string;
  readonly protocol: string | undefined;
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The size of the buffer to read into, in bytes. */
const READ_BYTES = 4096;

/** Status codes of RFC 6455, section 7.4.1. */
const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;

const encoder = new TextEncoder();

/**
 * Returns the key of a handshake.
 *
 * @throws {TypeError} If `request` is not a WebSocket handshake.
 */
export function handshakeKey({ method, headers }: Request): string {
  const key = headers.get("sec-websocket-key") ?? "";
  const tokens = (headers.get("connection") ?? "").toLowerCase().split(",");
  if (
    method !== "GET" || headers.get("sec-websocket-version") !== "13" ||
    !/^[A-Za-z0-9+/]{22}==$/.test(key) ||
    !tokens.some((token) => token.trim() === "upgrade")
  ) {
    throw new TypeError("Cannot upgrade: this is not a WebSocket handshake");
  }
  return key;
}

/** Answers a handshake on `connection`, and passes its events to `listener`. */
export async function acceptWebSocket(
  connection: Connection,
  { key, protocol }: WebSocketHandshake,
  listener: SocketListener,
  timers: Timers,
): Promise<void> {
  const digest = await crypto.subtle.digest(
    "SHA-1",
    encoder.encode(key + GUID),
  );
  const accept = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n` +
    (protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`);
  // Before anything else is written: Deno takes the head apart to answer, and
  // drops what comes with it.
  await writeTo(connection, encoder.encode(`${head}\r\n`));
  new RawSocket(connection, listener, timers).open();
}

/** The last text that was framed: most events go to many clients at once. */
const last = { text: "", frame: textFrame("") };

function frameOf(text: string): Bytes {
  if (last.text !== text) {
    last.frame = textFrame(text);
    last.text = text;
  }
  return last.frame;
}

class RawSocket implements Socket, FrameListener {
  readonly #connection: Connection;
  readonly #listener: SocketListener;
  readonly #timers: Timers;
  #queue: Bytes[] = [];
  /** Bytes in the queue, and those that are being written. */
  #buffered = 0;
  #isWriting = false;
  /** Whether a pong waits in the queue; further pings get none. */
  #hasPong = false;
  #state: "open" | "closing" | "closed" = "open";
  /** Whether the connection ends once everything is written. */
  #endsAfterWriting = false;
  /** Whether the client has sent anything since the last ping. */
  #isHeard = true;
  #stopPings: Cancel = () => {};
  #cancelEnd: Cancel = () => {};
  #waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  constructor(
    connection: Connection,
    listener: SocketListener,
    timers: Timers,
  ) {
    this.#connection = connection;
    this.#listener = listener;
    this.#timers = timers;
  }

  /** Begins to read; the handshake has been answered. */
  open(): void {
    this.#stopPings = this.#timers.every(
      IDLE_SECONDS / 2,
      () => this.#ping(),
    );
    this.#read().catch(() => {}).finally(() => this.#end());
    this.#listener.opened(this);
  }

  send(text: string): void {
    if (this.#state === "open") this.#write(frameOf(text));
  }

  buffered(): number {
    return this.#buffered;
  }

  async drained(bytes: number): Promise<void> {
    if (this.#state !== "open" || this.#buffered < bytes) return;
    await new Promise<void>((resolve) =>
      this.#waiting.push({ bytes, resolve })
    );
  }

  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#write(closeFrame(code, reason));
    this.#state = "closing";
    this.#stopPings();
    // Holds nothing: a process that ends closes its connections.
    this.#cancelEnd = this.#timers.after(CLOSE_SECONDS, () => this.#end());
    this.#wake();
  }

  received(bytes: number): void {
    this.#isHeard = true;
    if (this.#state === "open") this.#listener.received(bytes);
  }

  pinged(payload: Bytes): void {
    if (this.#state !== "open" || this.#hasPong) return;
    this.#hasPong = true;
    this.#write(pongFrame(payload));
  }

  closing(): void {
    this.close(NORMAL, ""); // the answer, unless the close frame was sent before
    this.#endAfterWriting();
  }

  exceeded(bytes: number): void {
    if (this.#state === "open") this.#listener.received(bytes);
  }

  failed(): void {
    this.close(PROTOCOL_ERROR, "not a frame of RFC 6455");
    this.#endAfterWriting();
  }

  async #read(): Promise<void> {
    const reader = new FrameReader(this, MAX_MESSAGE_BYTES);
    const buffer = new Uint8Array(READ_BYTES);
    while (this.#state !== "closed") {
      const count = await this.#connection.read(buffer);
      if (count === null) return;
      // After the end, bytes are dropped until the close frame is written: unread
      // ones would reset the connection, and the client would miss the frame.
      if (!reader.isDone) reader.read(buffer.subarray(0, count));
    }
  }

  #write(bytes: Bytes): void {
    this.#queue.push(bytes);
    this.#buffered += bytes.length;
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#writeAll().catch(() => this.#end());
  }

  async #writeAll(): Promise<void> {
    await undefined; // events of one turn of the loop are written together
    while (this.#queue.length > 0 && this.#state !== "closed") {
      const bytes = this.#queue.length === 1
        ? this.#queue[0]!
        : joined(this.#queue);
      this.#queue = [];
      this.#hasPong = false;
      await writeTo(this.#connection, bytes, (count) => {
        this.#buffered -= count;
        this.#wake();
      });
    }
    this.#isWriting = false;
    if (this.#endsAfterWriting) this.#end();
  }

  #endAfterWriting(): void {
    if (this.#isWriting) this.#endsAfterWriting = true;
    else this.#end();
  }

  /** Sends a ping, or ends a connection that has not answered the last one. */
  #ping(): void {
    if (!this.#isHeard) return this.#end();
    this.#isHeard = false;
    this.#write(pingFrame());
  }

  /** Resolves the `drained` whose limit holds, and all once it is not open. */
  #wake(): void {
    if (this.#waiting.length === 0) return;
    const isOpen = this.#state === "open";
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) {
      if (isOpen && this.#buffered >= waiter.bytes) this.#waiting.push(waiter);
      else waiter.resolve();
    }
  }

  #end(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#queue = [];
    this.#stopPings();
    this.#cancelEnd();
    this.#wake();
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
    this.#listener.closed();
  }
}

async function writeTo(
  connection: Connection,
  bytes: Bytes,
  onWritten?: (count: number) => void,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const count = await connection.write(bytes.subarray(at));
    at += count;
    onWritten?.(count);
  }
}

function joined(parts: readonly Bytes[]): Bytes {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
