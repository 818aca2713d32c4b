/**
 * A program with a server, for tests of how it stops: a line on its standard
 * input stops it. It must then end by itself.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { systemTimers } from "../../src/base/mod.ts";
import {
  listen,
  type Socket,
  upgradeWebSocket,
} from "../../src/platform/internal.ts";

const sockets: Socket[] = [];
let isStopping = false;

function close(socket: Socket): void {
  socket.close(1001, "the server is stopping");
}

const bytes = new Uint8Array(10);

/** With an argument "tls", the server has TLS; with "ca" by way of node:http. */
function tlsOf(kind: string | undefined) {
  if (kind === undefined) return undefined;
  const read = (name: string) =>
    readFileSync(new URL(`../server/certs/${name}`, import.meta.url), "utf8");
  const tls = { cert: read("server.pem"), key: read("server.key") };
  return kind === "ca" ? { ...tls, clientCa: read("ca.pem") } : tls;
}

const listener = await listen(async (request, server) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/never") return await new Promise<never>(() => {});
  if (pathname === "/silent") {
    return new Response(
      new ReadableStream({ start: (body) => body.enqueue(bytes) }),
    );
  }
  if (pathname === "/stream") {
    return new Response(
      new ReadableStream({
        async pull(body) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          body.enqueue(bytes);
        },
      }),
    );
  }
  if (pathname === "/socket") {
    const events = {
      opened: (socket: Socket) =>
        isStopping ? close(socket) : void sockets.push(socket),
      received() {},
      closed() {},
    };
    const upgrade = upgradeWebSocket(request, server, events, systemTimers);
    return upgrade.state === "answer" ? upgrade.response : undefined;
  }
  return new Response("fast");
}, {
  port: 0,
  hostname: "127.0.0.1",
  timers: systemTimers,
  tls: tlsOf(process.argv[3]),
});
console.log(`port ${listener.port}`);
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
isStopping = true; // the handshake of a WebSocket may end later
for (const socket of sockets) close(socket);
const start = performance.now();
await listener.stop(Number(process.argv[2]));
console.log(`after stop, within ${(performance.now() - start) / 1000} s`);
