/**
 * Requests at a constant rate, whether they are answered or not.
 *
 * For each line that it reads, `{ port, rate, seconds, connections }` in JSON,
 * it prints what it has seen: an `Offered`, in one line.
 *
 * - A latency counts from the moment at which its request was due, not from
 *   that at which a connection was free for it: who is not answered makes the
 *   latencies of those behind him longer, and not their number smaller.
 * - How late it was itself, with a connection free, is told apart.
 * - By hand, because closed loops (`wrk`) wait with what is not answered, and
 *   because latencies of well under a millisecond are to be compared.
 */
import { connect, type Socket } from "node:net";
import { setPriority } from "node:os";
import { cpuUsage, exit, stdin } from "node:process";
import { createInterface } from "node:readline";

/** What is asked for. */
export interface Offer {
  readonly port: number;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
}

/** What became of it; latencies are in seconds. */
export interface Offered {
  readonly requests: number;
  /** Answers per second. */
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** How late requests were sent although a connection was free: p99. */
  readonly late: number;
  /** Processor time that asking has taken. */
  readonly cpu: number;
}

const REQUEST = "GET /items HTTP/1.1\r\nhost: localhost\r\n\r\n";
const STATUS_AT = "HTTP/1.1 ".length;

/**
 * A thread that wakes this one up every 200 us: timers of the event loop know
 * nothing shorter than a millisecond.
 */
const TICKER = `
  const still = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    Atomics.wait(still, 0, 0, 0.2);
    postMessage(0);
  }
`;

/** How long an answer is in bytes, by its headers. */
function lengthOf(answer: string): number {
  const end = answer.indexOf("\r\n\r\n");
  const length = /content-length: *([0-9]+)/i.exec(answer)?.[1];
  if (end < 0 || length === undefined) {
    throw new Error(`no answer to be measured: ${answer.slice(0, 200)}`);
  }
  return end + 4 + Number(length);
}

class Connection {
  readonly socket: Socket;
  /** Which request it waits for; -1 if none. */
  asked = -1;
  missing = 0;

  constructor(port: number, answered: (connection: Connection) => void) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setNoDelay(true);
    this.socket.on("error", (error) => {
      throw error;
    });
    this.socket.on("end", () => {
      throw new Error("hung up on");
    });
    this.socket.on("data", (chunk) => {
      if (this.missing === 0) {
        if (chunk[STATUS_AT] !== 0x32) {
          throw new Error(`refused: ${chunk.toString("latin1", 0, 200)}`);
        }
        answerLength ||= lengthOf(chunk.toString("latin1"));
        this.missing = answerLength;
      }
      this.missing -= chunk.length;
      if (this.missing < 0) throw new Error("an answer of another length");
      if (this.missing === 0) answered(this);
    });
  }
}

/** All answers of a server are of one length, but for other servers. */
let answerLength = 0;

const ticker = new Worker(
  URL.createObjectURL(new Blob([TICKER], { type: "text/javascript" })),
  { type: "module" },
);

async function offer(
  { port, rate, seconds, connections }: Offer,
): Promise<Offered> {
  answerLength = 0;
  const most = Math.round(rate * seconds);
  const latencies = new Float64Array(most);
  const lates = new Float64Array(most);
  let answers = 0;
  let ended = (): void => {};
  const end = new Promise<void>((resolve) => ended = resolve);
  const free: Connection[] = [];
  let asked = 0;
  let from = 0;
  /** Since when there is a connection for what is due. */
  let freeSince = 0;
  const dueOf = (request: number) => from + request * 1000 / rate;

  const ask = (): void => {
    const now = performance.now();
    while (asked < most && free.length > 0 && dueOf(asked) <= now) {
      const connection = free.pop()!;
      lates[asked] = Math.max(now - Math.max(dueOf(asked), freeSince), 0);
      connection.asked = asked++;
      connection.socket.write(REQUEST);
    }
  };
  const answered = (connection: Connection): void => {
    const now = performance.now();
    latencies[connection.asked] = now - dueOf(connection.asked);
    answers++;
    if (free.length === 0) freeSince = now;
    free.push(connection);
    if (answers === most) ended();
    else ask();
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
  ticker.onmessage = ask;
  await end;
  ticker.onmessage = null;
  const took = (performance.now() - from) / 1000;
  const { user, system } = cpuUsage(usage);
  for (const { socket } of all) socket.destroy();
  latencies.sort();
  lates.sort();
  const at = (sorted: Float64Array, share: number) =>
    sorted[Math.min(Math.floor(most * share), most - 1)]! / 1000;
  return {
    requests: most,
    rate: most / took,
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
    p999: at(latencies, 0.999),
    max: at(latencies, 1),
    late: at(lates, 0.99),
    cpu: (user + system) / 1e6,
  };
}

try {
  setPriority(-10);
} catch {
  // Not allowed here: it then has to share its core with the scraper.
}
createInterface({ input: stdin }).on("line", async (line) => {
  console.log(JSON.stringify(await offer(JSON.parse(line))));
}).on("close", () => exit());
