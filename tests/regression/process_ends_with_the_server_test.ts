// On Deno, aborting a server that had already ended threw out of a listener of
// the signal: nothing could catch it, and the process ended inside `stop()`.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runArgs } from "../support/programs.ts";

const timeout = 120_000;
const SECONDS = 0.3;

/** Starts a server as a program; `stop` makes it stop, then end by itself. */
async function program(...options: readonly string[]) {
  const file = fileURLToPath(
    new URL("../support/stopping_server.ts", import.meta.url),
  );
  const child = spawn(process.execPath, [
    ...runArgs(file),
    String(SECONDS),
    ...options,
  ]);
  let out = "";
  const said = (word: string) =>
    new Promise<void>((resolve) => {
      const look = () => out.includes(word) && resolve();
      child.stdout.on("data", look);
      look();
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => out += chunk);
  }
  const ended = new Promise<number | null>((done) => child.on("exit", done));
  await said("port");
  return {
    port: Number(/port (\d+)/.exec(out)?.[1]),
    async stop() {
      child.stdin.write("stop\n");
      const code = await ended;
      return { code, out };
    },
  };
}

/** Requests that are still open when the server stops, by what is open. */
const OPEN: Readonly<Record<string, string>> = {
  "a connection": "",
  "half a head": "GET /fast HTTP/1.1\r\nHos",
  "an idle connection": "GET /fast HTTP/1.1\r\nHost: x\r\n\r\n",
  "a handler": "GET /never HTTP/1.1\r\nHost: x\r\n\r\n",
  "a stream": "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
  "a silent stream": "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n",
  "the preface of HTTP/2":
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "an unread body":
    "POST /fast HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\na",
  "unread chunks":
    "POST /fast HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na",
  "a WebSocket": "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
};

for (const [open, head] of [...Object.entries(OPEN), ["all of them", ""]]) {
  test(`the program goes on after stop() with ${open}, and can end`, {
    timeout,
  }, async () => {
    const { port, stop } = await program();
    const heads = open === "all of them" ? Object.values(OPEN) : [head!];
    const sockets: Socket[] = heads.map((text) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.on("data", () => {});
      socket.on("connect", () => socket.write(text));
      return socket;
    });
    const asked = connect(port, "127.0.0.1");
    asked.write("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => asked.once("data", resolve));
    const { code, out } = await stop();
    for (const socket of [...sockets, asked]) socket.destroy();
    assert.match(out, /after stop/);
    assert.equal(code, 0, out);
    const seconds = Number(/within ([\d.]+)/.exec(out)?.[1]);
    assert.ok(seconds < SECONDS + 2, out);
  });
}

for (const kind of ["tls", "ca"]) {
  test(
    `the program ends with ${kind} and a client that never begins with TLS`,
    {
      timeout,
    },
    async () => {
      const { port, stop } = await program(kind);
      const sockets = [Buffer.of(), Buffer.of(0x16, 3, 1, 2)].map((bytes) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        return { socket, bytes };
      });
      await Promise.all(
        sockets.map(({ socket, bytes }) =>
          new Promise<void>((resolve) => {
            socket.on("connect", () => {
              if (bytes.length > 0) socket.write(bytes);
              resolve();
            });
          })
        ),
      );
      const { code, out } = await stop();
      for (const { socket } of sockets) socket.destroy();
      assert.match(out, /after stop/);
      assert.equal(code, 0, out);
    },
  );
}
