/** Raw-socket clients of feeds, which can disconnect after any byte. */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** A feed on a socket whose response head has been read. */
export interface RawFeed {
  readonly status: number;
  /** The head as sent, in lower case. */
  readonly head: string;
  /** The body, decoded from chunks; it ends with the connection. */
  readonly body: ReadableStream<Uint8Array>;
  readonly socket: Socket;
}

/** Decodes `transfer-encoding: chunked`, however the bytes arrive. */
export class Dechunker {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the current chunk and its line end that have not arrived. */
  #left = 0;

  /** Returns the content of `bytes`, as views that must not be stored. */
  push(bytes: Buffer): Buffer[] {
    const contents: Buffer[] = [];
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
      const size = Math.min(length, Math.max(0, this.#left - 2));
      if (size > 0) contents.push(rest.subarray(0, size));
      this.#left -= length;
      rest = rest.subarray(length);
    }
    this.#rest = rest;
    return contents;
  }
}

/** Options of a raw client. */
export interface RawOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Disconnect after this many bytes of the body. */
  readonly cutAfter?: number;
}

/** Sends a request for a feed and returns the socket. */
export function sendRequest(port: number, options: RawOptions = {}): Socket {
  const { path = "/events", headers = {} } = options;
  const fields = { host: `127.0.0.1:${port}`, ...headers };
  const lines = Object.entries(fields).map(([name, value]) =>
    `${name}: ${value}`
  );
  const socket = connect(port, "127.0.0.1");
  socket.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  return socket;
}

/** Opens a feed; resolves when the response head has been read. */
export function openRaw(
  port: number,
  options: RawOptions = {},
): Promise<RawFeed> {
  const socket = sendRequest(port, options);
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
    for (const content of dechunker.push(bytes)) {
      const part = content.subarray(0, left);
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
