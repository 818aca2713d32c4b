/** A client that scrapes a server, and reads the processor time of its threads. */
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

export type Encoding = "gzip" | "plain";

/** The headers of Prometheus 3, in the form of a request. */
const REQUEST = [
  "GET /metrics HTTP/1.1",
  "Host: localhost",
  "User-Agent: Prometheus/3.5.0",
  "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
  "application/openmetrics-text;version=0.0.1;q=0.5," +
  "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
  "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  "X-Prometheus-Scrape-Timeout-Seconds: 10",
];

const REQUESTS: Readonly<Record<Encoding, string>> = {
  gzip: [...REQUEST, "Accept-Encoding: gzip", "", ""].join("\r\n"),
  plain: [...REQUEST, "", ""].join("\r\n"),
};

const HEAD_END = "\r\n\r\n";
const LAST_CHUNK = "\r\n0\r\n\r\n";

/** A response, as it came over the socket. */
export interface Answer {
  /** From the request to the last byte, in milliseconds. */
  readonly wall: number;
  readonly head: string;
  /** Size with headers. */
  readonly bytes: number;
}

/**
 * A scraper on a plain socket that is kept open, as the one of Prometheus is; if
 * the server has closed it, the next scrape opens another one.
 */
export class ScrapeClient {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async scrape(encoding: Encoding): Promise<Answer> {
    const began = performance.now();
    const socket = await this.#connected();
    socket.write(REQUESTS[encoding]);
    const { head, bytes } = await answerOn(socket);
    return { wall: performance.now() - began, head, bytes };
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #connected(): Promise<Socket> {
    if (this.#socket?.destroyed === false) return this.#socket;
    const socket = connect(this.#port, "127.0.0.1");
    socket.setNoDelay(true);
    socket.on("end", () => socket.destroy());
    socket.on("error", () => socket.destroy());
    this.#socket = socket;
    await once(socket, "connect");
    return socket;
  }
}

/** Reads one response, with a declared length or in chunks. */
function answerOn(socket: Socket): Promise<{ head: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    let head = "";
    let end = -1;
    let length = Infinity;
    let bytes = 0;
    let tail = "";
    const settled = (): void => {
      socket.off("data", take);
      socket.off("close", closed);
    };
    const closed = (): void => {
      settled();
      reject(new Error("Cannot scrape: the server closed the connection"));
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (end < 0) {
        head += chunk.toString("latin1");
        end = head.indexOf(HEAD_END);
        if (end < 0) return;
        head = head.slice(0, end);
        end += HEAD_END.length;
        const declared = /^content-length: *([0-9]+)/im.exec(head)?.[1];
        if (declared !== undefined) length = end + Number(declared);
      }
      if (length === Infinity) {
        const from = Math.max(0, chunk.length - LAST_CHUNK.length);
        tail = (tail + chunk.toString("latin1", from))
          .slice(-LAST_CHUNK.length);
        if (tail !== LAST_CHUNK) return;
      } else if (bytes < length) return;
      settled();
      resolve({ head, bytes });
    };
    socket.on("data", take);
    socket.on("close", closed);
  });
}

/** Lines that are not samples of the bench: comments, and metrics of libraries. */
const OTHER_LINES = /^(?:#|$|barograph_|target_info)/;

/** Reads a body as other clients do, and returns the number of its samples. */
export async function samplesOf(
  port: number,
  encoding: Encoding,
): Promise<number> {
  const [, ...lines] = REQUESTS[encoding].trimEnd().split("\r\n");
  const headers = new Headers(
    lines.map((line) => line.split(": ") as [string, string]),
  );
  if (encoding === "plain") headers.set("accept-encoding", "identity");
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
  const body = new Uint8Array(await response.arrayBuffer());
  const decoder = new TextDecoder();
  let samples = 0;
  for (let at = 0; at < body.length;) {
    const end = body.indexOf(10, at);
    if (end < 0) break;
    const start = decoder.decode(body.subarray(at, Math.min(end, at + 12)));
    if (!OTHER_LINES.test(start)) samples++;
    at = end + 1;
  }
  return samples;
}

/** Nanoseconds that each thread has run, by its id. */
export type Threads = ReadonlyMap<string, number>;

/** Reads the processor time of all threads of a process, on Linux. */
export function threadsOf(pid: number): Threads {
  const folder = `/proc/${pid}/task`;
  const threads = new Map<string, number>();
  for (const id of readdirSync(folder)) {
    try {
      const [ran] = readFileSync(`${folder}/${id}/schedstat`, "utf8").split(
        " ",
      );
      threads.set(id, Number(ran));
    } catch {
      // The thread has ended.
    }
  }
  return threads;
}

/** Returns milliseconds that a process has run between two readings. */
export function ranBetween(before: Threads, after: Threads): number {
  let ran = 0;
  for (const [id, now] of after) ran += now - (before.get(id) ?? 0);
  return ran / 1e6;
}
