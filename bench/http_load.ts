/**
 * Load on a server of this machine, from keep-alive connections that ask as
 * soon as they are answered.
 *
 * By hand, because a client's own work must stay far below that of the server,
 * and because latencies are wanted finer than in milliseconds.
 */
import { connect, type Socket } from "node:net";

const REQUEST = "GET /items HTTP/1.1\r\nhost: localhost\r\n\r\n";

export interface Load {
  readonly requests: number;
  /** Requests per second. */
  readonly throughput: number;
  /** Of 100 latencies the longest but one, in milliseconds. */
  readonly p99: number;
}

/** How long an answer is in bytes, by its headers. */
function lengthOf(answer: string): number {
  const end = answer.indexOf("\r\n\r\n");
  const length = /content-length: *([0-9]+)/i.exec(answer)?.[1];
  if (end < 0 || length === undefined || !answer.startsWith("HTTP/1.1 200")) {
    throw new Error(`no answer to be measured: ${answer.slice(0, 200)}`);
  }
  return end + 4 + Number(length);
}

/** Asks for so many seconds over so many connections. */
export async function load(
  port: number,
  seconds: number,
  connections = 32,
): Promise<Load> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: connections }, () => asking(port, end, latencies)),
  );
  const took = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requests: latencies.length,
    throughput: latencies.length / took,
    p99: latencies[Math.floor(latencies.length * 0.99)]!,
  };
}

function asking(port: number, end: number, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let missing = 0;
    const ask = (socket: Socket) => {
      asked = performance.now();
      missing = -1;
      socket.write(REQUEST);
    };
    const socket = connect(port, "127.0.0.1", () => ask(socket));
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", (chunk) => {
      if (missing < 0) missing = lengthOf(chunk.toString("latin1"));
      missing -= chunk.length;
      if (missing > 0) return;
      const now = performance.now();
      latencies.push(now - asked);
      if (now < end) ask(socket);
      else socket.destroy();
    });
  });
}
