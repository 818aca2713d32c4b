/**
 * Puts load on a local server, over keep-alive connections that send the next
 * request as soon as the previous one is answered.
 *
 * Uses plain sockets, because the client must do far less work than the server,
 * and because latencies need a finer resolution than milliseconds.
 */
import { connect, type Socket } from "node:net";

/** A request, with the status of its response. */
export interface Target {
  readonly path: string;
  readonly status: number;
}

const ITEMS: readonly Target[] = [{ path: "/items", status: 200 }];

function requestOf({ path }: Target): string {
  return `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
}

export interface Load {
  readonly requests: number;
  /** Requests per second. */
  readonly throughput: number;
  /** 99th percentile of the latencies, in milliseconds. */
  readonly p99: number;
}

/** Returns the length of a response in bytes, by its headers. */
function lengthOf(answer: string, { status }: Target): number {
  const end = answer.indexOf("\r\n\r\n");
  const length = /content-length: *([0-9]+)/i.exec(answer)?.[1];
  const isRight = answer.startsWith(`HTTP/1.1 ${status}`);
  if (end < 0 || length === undefined || !isRight) {
    throw new Error(`Cannot measure this response: ${answer.slice(0, 200)}`);
  }
  return end + 4 + Number(length);
}

/**
 * Sends requests for `seconds` over `connections`, each of which goes through the
 * targets in turn.
 */
export async function load(
  port: number,
  seconds: number,
  connections = 32,
  targets = ITEMS,
): Promise<Load> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  const started = performance.now();
  await Promise.all(
    Array.from(
      { length: connections },
      (_, at) => sendUntil(port, end, latencies, targets, at),
    ),
  );
  const took = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requests: latencies.length,
    throughput: latencies.length / took,
    p99: latencies[Math.floor(latencies.length * 0.99)]!,
  };
}

function sendUntil(
  port: number,
  end: number,
  latencies: number[],
  targets: readonly Target[],
  next: number,
): Promise<void> {
  const requests = targets.map(requestOf);
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let missing = 0;
    const send = (socket: Socket) => {
      sentAt = performance.now();
      missing = -1;
      next = (next + 1) % targets.length;
      socket.write(requests[next]!);
    };
    const socket = connect(port, "127.0.0.1", () => send(socket));
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", (chunk) => {
      if (missing < 0) {
        missing = lengthOf(chunk.toString("latin1"), targets[next]!);
      }
      missing -= chunk.length;
      if (missing > 0) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      if (now < end) send(socket);
      else socket.destroy();
    });
  });
}
