/** A server that records the bytes of its requests and redirects by their path. */
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface RawServer extends AsyncDisposable {
  readonly port: number;
  /** Takes the requests since the last call, as text in Latin-1. */
  taken(): string[];
}

/**
 * Starts a server on 127.0.0.1. The path `/302?to=/x` answers 302 with the
 * location `/x`, and `/302?to=self` its own one; all other paths answer 200.
 */
export async function rawServer(): Promise<RawServer> {
  let seen: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let text = "";
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (!isWhole(text)) return;
      seen.push(text);
      socket.end(answerTo(text));
      text = "";
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    taken() {
      const taken = seen;
      seen = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
    return body.endsWith("0\r\n\r\n");
  }
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0;
  return body.length >= Number(length);
}

function answerTo(text: string): string {
  const target = text.slice(text.indexOf(" ") + 1, text.indexOf(" HTTP/"));
  const { pathname, searchParams } = new URL(target, "http://x");
  const status = Number(pathname.slice(1)) || 200;
  const to = searchParams.get("to");
  const location = to === "self" ? target : to;
  // Deno drops the body of a redirect without a location.
  const body = status === 200 ? "ok" : "";
  return `HTTP/1.1 ${status} X\r\n` +
    (location === null ? "" : `Location: ${location}\r\n`) +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}
