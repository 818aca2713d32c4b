/**
 * Sends requests at a constant rate, without waiting for responses.
 *
 * For each line of input, an `Offer` in JSON, it prints an `Offered` in one
 * line.
 *
 * - A latency counts from the time at which its request was due, not from the
 *   time at which a connection was free: a slow response increases the latencies
 *   of later requests, and does not reduce their number.
 * - Delays of the generator itself, while a connection is free, are reported
 *   separately.
 * - Uses plain sockets, because closed loops (`wrk`) hold requests back while
 *   others are unanswered, and because latencies far below a millisecond are
 *   compared.
 */
import { connect, type Socket } from "node:net";
import { setPriority } from "node:os";
import { cpuUsage, exit, stdin } from "node:process";
import { createInterface } from "node:readline";

/** A load to generate. */
export interface Offer {
  readonly port: number;
  /** Requests per second. */
  readonly rate: number;
  /** Seconds of load before it, whose latencies are not counted. */
  readonly lead: number;
  readonly seconds: number;
  readonly connections: number;
}

/** The result of a load; latencies are in seconds. */
export interface Offered {
  /** Number of requests, including those of the lead. */
  readonly requests: number;
  /** Responses per second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** 99th percentile of delays in sending, while a connection was free. */
  readonly late: number;
  /** Processor time of the generator, in seconds. */
  readonly cpu: number;
}

const REQUEST = "GET /items HTTP/1.1\r\nhost: localhost\r\n\r\n";
const STATUS_AT = "HTTP/1.1 ".length;

/**
 * A thread that wakes this one up every 200 µs: timers of the event loop have a
 * resolution of a millisecond.
 */
const TICKER = `
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    Atomics.wait(still, 0, 0, 0.2);
    postMessage(0);
  }
`;

/** Returns the length of a response in bytes, by its headers. */
function lengthOf(answer: string): number {
  const end = answer.indexOf("\r\n\r\n");
  const length = /content-length: *([0-9]+)/i.exec(answer)?.[1];
  if (end < 0 || length === undefined) {
    throw new Error(`Cannot measure this response: ${answer.slice(0, 200)}`);
  }
  return end + 4 + Number(length);
}

class Connection {
  readonly socket: Socket;
  /** Index of the unanswered request; -1 if there is none. */
  request = -1;
  missing = 0;

  constructor(port: number, answered: (connection: Connection) => void) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setNoDelay(true);
    this.socket.on("error", (error) => {
      throw error;
    });
    this.socket.on("end", () => {
      throw new Error("Cannot measure: the server closed a connection");
    });
    this.socket.on("data", (chunk) => {
      if (this.missing === 0) {
        if (chunk[STATUS_AT] !== 0x32) {
          throw new Error(
            `Cannot measure: ${chunk.toString("latin1", 0, 200)}`,
          );
        }
        answerLength ||= lengthOf(chunk.toString("latin1"));
        this.missing = answerLength;
      }
      this.missing -= chunk.length;
      if (this.missing < 0) {
        throw new Error("Cannot measure: a response has another length");
      }
      if (this.missing === 0) answered(this);
    });
  }
}

/** Length of the responses of the current server; all have the same length. */
let answerLength = 0;

const ticker = new Worker(
  URL.createObjectURL(new Blob([TICKER], { type: "text/javascript" })),
  { type: "module" },
);

async function offer(
  { port, rate, lead, seconds, connections }: Offer,
): Promise<Offered> {
  answerLength = 0;
  const uncounted = Math.round(rate * lead);
  const total = uncounted + Math.round(rate * seconds);
  const latencies = new Float64Array(total);
  const lates = new Float64Array(total);
  let answers = 0;
  let ended = (): void => {};
  const end = new Promise<void>((resolve) => ended = resolve);
  const free: Connection[] = [];
  let sent = 0;
  let from = 0;
  /** Time at which a connection became free after all had been busy. */
  let freeSince = 0;
  const dueOf = (request: number) => from + request * 1000 / rate;

  const send = (): void => {
    const now = performance.now();
    while (sent < total && free.length > 0 && dueOf(sent) <= now) {
      const connection = free.pop()!;
      lates[sent] = Math.max(now - Math.max(dueOf(sent), freeSince), 0);
      connection.request = sent++;
      connection.socket.write(REQUEST);
    }
  };
  const answered = (connection: Connection): void => {
    const now = performance.now();
    latencies[connection.request] = now - dueOf(connection.request);
    answers++;
    if (free.length === 0) freeSince = now;
    free.push(connection);
    if (answers === total) ended();
    else send();
  };
  for (let i = 0; i < connections; i++) {
    const connection = new Connection(port, answered);
    await new Promise<void>((resolve) => {
      connection.socket.once("connect", () => resolve());
    });
    free.push(connection);
  }
  const all = [...free];
  const usage = cpuUsage();
  from = performance.now();
  ticker.onmessage = send;
  await end;
  ticker.onmessage = null;
  const took = (performance.now() - from) / 1000;
  const { user, system } = cpuUsage(usage);
  for (const { socket } of all) socket.destroy();
  const counted = latencies.subarray(uncounted).sort();
  const delays = lates.subarray(uncounted).sort();
  const at = (sorted: Float64Array, share: number) =>
    sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)]! /
    1000;
  return {
    requests: total,
    rate: total / took,
    p50: at(counted, 0.5),
    p99: at(counted, 0.99),
    p999: at(counted, 0.999),
    max: at(counted, 1),
    late: at(delays, 0.99),
    cpu: (user + system) / 1e6,
  };
}

try {
  setPriority(-10);
} catch {
  // Not permitted: the generator then shares its core with the scraper.
}
createInterface({ input: stdin }).on("line", async (line) => {
  console.log(JSON.stringify(await offer(JSON.parse(line))));
}).on("close", () => exit());
