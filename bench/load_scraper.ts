/**
 * Reads `/metrics` once per second, like Prometheus, and discards the bodies.
 *
 * For each line of input it prints one line, both in JSON: a `Scraped` for a
 * `ScrapeOrder`, a `Checked` for `{ port, check }`.
 *
 * - One scrape at a time: scrapes that are due meanwhile count as missed.
 * - Uses a plain socket, so that reading costs little processor time.
 */
import type { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { cpuUsage, exit, stdin } from "node:process";
import { createInterface } from "node:readline";

/** Scrapes to make, one per second; the first one after half a second. */
export interface ScrapeOrder {
  readonly port: number;
  /** Scrapes before the others that are not counted. */
  readonly lead: number;
  readonly scrapes: number;
  readonly gzip: boolean;
}

/** The result of a `ScrapeOrder`. */
export interface Scraped {
  /** Duration of each scrape, in seconds. */
  readonly took: readonly number[];
  readonly missed: number;
  /** Size of the last response, with headers and chunk sizes. */
  readonly bytes: number;
  /** Processor time of scraping, in seconds. */
  readonly cpu: number;
}

/** Figures of an exposition. */
export interface Checked {
  /** Number of samples. */
  readonly samples: number;
  /** Sum of all samples of the given family. */
  readonly sum: number;
}

const ACCEPT =
  "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";

const LAST_CHUNK = "\r\n0\r\n\r\n";

/** Returns the size of one response, with a declared length or in chunks. */
function read(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = "";
    let missing = Infinity;
    let bytes = 0;
    let tail = "";
    const done = (error?: Error): void => {
      socket.off("data", take);
      socket.off("close", closed);
      if (error === undefined) resolve(bytes);
      else reject(error);
    };
    const closed = (): void =>
      done(new Error("Cannot scrape: the server closed the connection"));
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (missing === Infinity && !head.includes("\r\n\r\n")) {
        head += chunk.toString("latin1", 0, 2000);
        if (!head.startsWith("HTTP/1.1 200")) return done(new Error(head));
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = /content-length: *([0-9]+)/i.exec(head)?.[1];
        if (length !== undefined) missing = end + 4 + Number(length);
      }
      if (missing !== Infinity) {
        if (bytes >= missing) done();
        return;
      }
      const from = Math.max(0, chunk.length - LAST_CHUNK.length);
      tail = (tail + chunk.toString("latin1", from)).slice(-LAST_CHUNK.length);
      if (tail === LAST_CHUNK) done();
    };
    socket.on("data", take);
    socket.on("close", closed);
  });
}

async function scrape(
  { port, lead, scrapes, gzip }: ScrapeOrder,
): Promise<Scraped> {
  const socket = connect(port, "127.0.0.1");
  const request = [
    "GET /metrics HTTP/1.1",
    "host: localhost",
    `accept: ${ACCEPT}`,
    ...(gzip ? ["accept-encoding: gzip"] : []),
    "",
    "",
  ].join("\r\n");
  const usage = cpuUsage();
  const from = performance.now() + 500;
  const took: number[] = [];
  let bytes = 0;
  let missed = 0;
  for (let i = 0; i < lead + scrapes; i++) {
    const wait = from + i * 1000 - performance.now();
    if (i > 0 && wait < 0) {
      if (i >= lead) missed++;
      continue;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    const began = performance.now();
    const answer = read(socket);
    socket.write(request);
    bytes = await answer;
    if (i >= lead) took.push((performance.now() - began) / 1000);
  }
  socket.destroy();
  const { user, system } = cpuUsage(usage);
  return { took, missed, bytes, cpu: (user + system) / 1e6 };
}

async function check(port: number, family: string): Promise<Checked> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { accept: ACCEPT, "accept-encoding": "identity" },
  });
  let samples = 0;
  let sum = 0;
  for (const line of (await answer.text()).split("\n")) {
    if (!line.startsWith("load_")) continue;
    samples++;
    if (!line.startsWith(`${family}{`)) continue;
    sum += Number(line.slice(line.lastIndexOf(" ") + 1));
  }
  return { samples, sum };
}

createInterface({ input: stdin }).on("line", async (line) => {
  const order = JSON.parse(line);
  const answer = order.check === undefined
    ? await scrape(order)
    : await check(order.port, order.check);
  console.log(JSON.stringify(answer));
}).on("close", () => exit());
