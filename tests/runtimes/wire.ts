/** HTTP over a plain socket, to read bytes that client libraries hide. */
import { Buffer } from "node:buffer";
import { connect } from "node:net";

export interface WireAnswer {
  readonly status: number;
  /** The headers by lower-case name; a repeated name is an error. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Sends `text` and returns all bytes until the server closes. */
export function exchange(port: number, text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(Buffer.from(chunk)));
    socket.on("end", () => resolve(Buffer.concat(chunks)));
    socket.on("error", reject);
    socket.write(text);
  });
}

/** Sends one request on a new connection and returns the response. */
export async function rawRequest(
  port: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireAnswer> {
  const fields = { host: "localhost", connection: "close", ...headers };
  const lines = Object.entries(fields).map(([name, value]) =>
    `${name}: ${value}`
  );
  const request = [`${line} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return answerIn(await exchange(port, request));
}

function answerIn(bytes: Buffer): WireAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`no HTTP answer: "${bytes.toString()}"`);
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1")
    .split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).toLowerCase();
    if (headers.has(name)) throw new Error(`two headers "${name}"`);
    headers.set(name, line.slice(at + 1).trim());
  }
  const body = bytes.subarray(end + 4);
  const isChunked = headers.get("transfer-encoding") === "chunked";
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]),
    headers,
    body: new Uint8Array(isChunked ? withoutChunks(body) : body),
  };
}

/** Returns the content of a chunked body. */
function withoutChunks(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0;;) {
    const start = bytes.indexOf("\r\n", at) + 2;
    const size = Number.parseInt(bytes.toString("latin1", at, start), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
