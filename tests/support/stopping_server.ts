/**
 * A program with a server, for tests of how it stops: a line on its standard
 * input stops it. It must then end by itself.
 */
import process from "node:process";
import { systemTimers } from "../../src/base/mod.ts";
import {
  listen,
  type Socket,
  upgradeWebSocket,
} from "../../src/platform/internal.ts";

const sockets: Socket[] = [];
const bytes = new Uint8Array(10);

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
      opened: (socket: Socket) => void sockets.push(socket),
      received() {},
      closed() {},
    };
    const upgrade = upgradeWebSocket(request, server, events, systemTimers);
    return upgrade.state === "answer" ? upgrade.response : undefined;
  }
  return new Response("fast");
}, { port: 0, hostname: "127.0.0.1", timers: systemTimers });
console.log(`port ${listener.port}`);
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();
for (const socket of sockets) socket.close(1001, "the server is stopping");
const start = performance.now();
await listener.stop(Number(process.argv[2]));
console.log(`after stop, within ${(performance.now() - start) / 1000} s`);
