/** Apps of `node:http` for the contract of the adapters. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import type { ObserveOptions } from "../../mod.ts";
import type {
  NodeObserveOptions,
  NodeRequest,
} from "../../src/frameworks/mod.ts";
import { type App, stream } from "./app.ts";

/** Serves a listener on loopback. */
export async function appOfListener(
  listener: RequestListener,
): Promise<App & { readonly port: number }> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { ...appOfServer(server), port: portOf(server) };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Makes an app of a server that listens on loopback. */
export function appOfServer(server: Server): App {
  const origin = `http://127.0.0.1:${portOf(server)}`;
  return {
    send: (path, init) => fetch(`${origin}${path}`, init),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Returns `stream()` as a stream of Node. */
export function nodeStream(): Readable {
  return Readable.from(stream());
}

/** Returns the body of a request as text. */
export async function textOf(
  request: AsyncIterable<Uint8Array>,
): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of request) {
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

type Call = (request: Request) => unknown;

/**
 * Returns options whose functions take the framework's request `Own`: `nodeOf`
 * returns the request of `node:http` in it.
 */
export function nodeOptions<Own>(
  options: ObserveOptions,
  nodeOf: (own: Own) => NodeRequest,
): NodeObserveOptions<Own> {
  const changed = Object.entries(options).map(([name, value]) =>
    typeof value === "function"
      ? [name, (own: Own) => (value as Call)(fetchView(nodeOf(own)))]
      : [name, value]
  );
  return Object.fromEntries(changed) as NodeObserveOptions<Own>;
}

/** Returns the members of a `Request` that the contract reads. */
function fetchView({ method, url, headers }: NodeRequest): Request {
  const get = (name: string) => headers[name] ?? null;
  return { method, url, headers: { get } } as unknown as Request;
}

/** Sends texts one after another, and returns all bytes until the end as text. */
export async function sentRaw(
  port: number,
  ...texts: readonly string[]
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1");
  socket.on("data", (text) => answer += text);
  socket.on("error", () => {}); // a refused request may be reset
  await once(socket, "connect");
  const closed = once(socket, "close");
  for (const text of texts) {
    socket.write(text);
    await new Promise((done) => setTimeout(done, 5));
  }
  await closed;
  return answer;
}

/** Sends texts, and leaves when `isSeen` returns true. */
export async function leaving(
  port: number,
  text: string,
  isSeen: () => boolean,
): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(text);
  await until(isSeen);
  socket.destroy();
}

/** Resolves when `isTrue` returns true; a test that waits in vain times out. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((done) => setTimeout(done, 2));
}
