/** Clients of feeds on sockets of their own, that can be cut at any byte. */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** A feed on a socket; its head has been read. */
export interface RawFeed {
  readonly status: number;
  /** In lower case, as sent. */
  readonly head: string;
  /** Without the frames of HTTP; ends when the connection does. */
  readonly body: ReadableStream<Uint8Array>;
  readonly socket: Socket;
}

/** Undoes `transfer-encoding: chunked`, whatever the pieces. */
export class Dechunker {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the chunk that are still to come, its line end among them. */
  #left = 0;

  /** The content of the next bytes, in pieces that must not be kept. */
  push(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let rest = this.#rest.length > 0
      ? Buffer.concat([this.#rest, bytes])
      : bytes;
    while (rest.length > 0) {
      if (this.#left === 0) {
        const end = rest.indexOf("\r\n");
        if (end < 0) break;
        this.#left = parseInt(rest.toString("latin1", 0, end), 16) + 2;
        rest = rest.subarray(end + 2);
        continue;
      }
      const length = Math.min(this.#left, rest.length);
      const content = Math.min(length, Math.max(0, this.#left - 2));
      if (content > 0) pieces.push(rest.subarray(0, content));
      this.#left -= length;
      rest = rest.subarray(length);
    }
    this.#rest = rest;
    return pieces;
  }
}

/** Options of a client. */
export interface RawOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of the body after which the connection is cut. */
  readonly cutAfter?: number;
}

/** Sends a request for a feed. */
export function ask(port: number, options: RawOptions = {}): Socket {
  const { path = "/events", headers = {} } = options;
  const all = { host: `127.0.0.1:${port}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(port, "127.0.0.1");
  socket.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  return socket;
}

/** Opens a feed. */
export function openRaw(
  port: number,
  options: RawOptions = {},
): Promise<RawFeed> {
  const socket = ask(port, options);
  const body = new TransformStream<Uint8Array, Uint8Array>(
    undefined,
    { highWaterMark: Infinity },
    { highWaterMark: Infinity },
  );
  const writer = body.writable.getWriter();
  const dechunker = new Dechunker();
  let left = options.cutAfter ?? Infinity;
  const ended = () => void writer.close().catch(() => {});
  const take = (bytes: Buffer) => {
    for (const piece of dechunker.push(bytes)) {
      const part = piece.subarray(0, left);
      left -= part.length;
      writer.write(new Uint8Array(part)).catch(() => {});
      if (left > 0) continue;
      socket.off("data", take);
      socket.destroy();
      return;
    }
  };
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const begin = (bytes: Buffer) => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", begin);
      socket.on("data", take);
      const text = head.toString("latin1", 0, end).toLowerCase();
      const status = Number(/^http\/1\.1 (\d{3})/.exec(text)?.[1]);
      resolve({ status, head: text, body: body.readable, socket });
      take(head.subarray(end + 4));
    };
    socket.on("data", begin);
    socket.on("error", reject);
    socket.on("close", ended);
  });
}
