/** A WebSocket over a fake connection. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as deno from "../../src/platform/deno.ts";
import type { Socket } from "../../src/platform/internal.ts";
import type { Connection } from "../../src/platform/raw_websocket.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { frame } from "../runtimes/events_websocket.ts";
import { withGlobals } from "./fixtures.ts";

const HANDSHAKE = {
  connection: "keep-alive, Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", // of RFC 6455, section 1.3
};

/** A connection that a test feeds, and that accepts `room` more bytes. */
class FakeConnection implements Connection {
  written = "";
  room = Infinity;
  isClosed = false;
  #chunks: (Uint8Array | null)[] = [];
  #wake = () => {};

  feed(bytes: Uint8Array | null): void {
    this.#chunks.push(bytes);
    this.#wake();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.isClosed) throw new Error("closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks.shift()!;
    if (chunk === null) return null;
    into.set(chunk);
    return chunk.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    while (this.room === 0) {
      if (this.isClosed) throw new Error("closed");
      await settled();
    }
    const count = Math.min(this.room, bytes.length);
    this.room -= count;
    this.written += Buffer.from(bytes.subarray(0, count)).toString("latin1");
    return count;
  }

  close(): void {
    this.isClosed = true;
    this.#wake();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Upgrades a request on a Deno with raw connections. */
async function upgraded(headers: Record<string, string> = {}) {
  const connection = new FakeConnection();
  const timers = new FakeTimers();
  const calls: string[] = [];
  let socket: Socket | undefined;
  const response = new Response();
  const upgradeHttpRaw = () => ({ response, conn: connection });
  const Deno = { [Symbol("internals")]: { upgradeHttpRaw } };
  const request = new Request("http://localhost/events", {
    headers: { ...HANDSHAKE, ...headers },
  });
  withGlobals({ Deno }, () => {
    const upgrade = deno.upgradeWebSocket(request, {}, {
      opened: (opened) => void (socket = opened),
      received: (bytes) => void calls.push(`received ${bytes}`),
      closed: () => void calls.push("closed"),
    }, timers);
    assert.deepEqual(upgrade, { state: "answer", response });
  });
  while (socket === undefined) await settled();
  const head = connection.written;
  connection.written = "";
  return { connection, timers, calls, socket, head };
}

test("a raw WebSocket answers the handshake with its accept key", async () => {
  const { head } = await upgraded();
  assert.equal(
    head,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
  );
});

test("a raw WebSocket chooses the first subprotocol that is a token", async () => {
  for (
    const [offers, chosen] of [
      ["json, bearer", "json"],
      [" , a b,json", "json"],
      ["(),", undefined],
      [`${"x".repeat(300)}`, undefined],
    ] as const
  ) {
    const { head } = await upgraded({ "sec-websocket-protocol": offers });
    const line = /^Sec-WebSocket-Protocol: (.*)$/m.exec(head)?.[1]?.trim();
    assert.equal(line, chosen, offers);
  }
});

test("upgradeWebSocket() throws at a malformed handshake", () => {
  const upgradeHttpRaw = () => assert.fail("upgraded");
  const Deno = { [Symbol("internals")]: { upgradeHttpRaw } };
  const wrong: Record<string, string>[] = [
    { "sec-websocket-version": "12" },
    { "sec-websocket-key": "short" },
    { connection: "keep-alive" },
  ];
  for (const headers of wrong) {
    const request = new Request("http://localhost/events", {
      headers: { ...HANDSHAKE, ...headers },
    });
    const listener = { opened() {}, received() {}, closed() {} };
    withGlobals({ Deno }, () =>
      assert.throws(
        () => deno.upgradeWebSocket(request, {}, listener, new FakeTimers()),
        /^TypeError: Cannot upgrade: this is not a WebSocket handshake$/,
      ));
  }
});

test("a raw WebSocket counts what the client has not read", async () => {
  const { connection, socket } = await upgraded();
  connection.room = 3;
  socket.send("hello");
  socket.send("again");
  assert.equal(socket.buffered(), 14);
  let isDrained = false;
  void socket.drained(10).then(() => isDrained = true);
  await settled();
  assert.deepEqual([socket.buffered(), isDrained], [11, false]);
  connection.room = 2;
  await settled();
  await settled();
  assert.deepEqual([socket.buffered(), isDrained], [9, true]);
  connection.room = Infinity;
  await settled();
  await settled();
  assert.equal(socket.buffered(), 0);
  assert.equal(connection.written, "\x81\x05hello\x81\x05again");
});

test("a raw WebSocket answers one ping while the client does not read", async () => {
  const { connection, calls, socket } = await upgraded();
  connection.room = 0;
  for (let i = 0; i < 50; i++) connection.feed(frame(9, "?"));
  while (calls.length < 50) await settled();
  assert.ok(socket.buffered() <= 6, "two pongs: one is being written");
  connection.room = Infinity;
  await settled();
  await settled();
  const pong = "\x8a\x01?";
  assert.ok([pong, pong + pong].includes(connection.written));
});

test("a raw WebSocket ends the connection of a client that answers no ping", async () => {
  const { connection, timers, calls } = await upgraded();
  assert.deepEqual([timers.pending, timers.holding], [1, 0]);
  timers.advance(15);
  await settled();
  assert.equal(connection.written, "\x89\x00");
  connection.feed(frame(10, ""));
  await settled();
  timers.advance(15);
  assert.equal(connection.isClosed, false);
  timers.advance(15);
  assert.equal(connection.isClosed, true);
  assert.deepEqual(calls, ["received 0", "closed"]);
  assert.equal(timers.pending, 0);
});

test("a raw WebSocket ends the connection of a client that does not answer its close", async () => {
  for (const room of [0, Infinity]) {
    const { connection, timers, calls, socket } = await upgraded();
    connection.room = room;
    socket.send("unread");
    const drained = socket.drained(1);
    socket.close(1001, "bye");
    socket.close(1001, "again");
    socket.send("late");
    await drained;
    connection.feed(frame(1, "late"));
    await settled();
    timers.advance(2.9);
    assert.equal(connection.isClosed, false);
    timers.advance(0.1);
    assert.equal(connection.isClosed, true);
    assert.deepEqual(calls, ["closed"]);
    assert.equal(timers.pending, 0);
    if (room === 0) continue;
    const frames = "\x81\x06unread\x88\x05\x03\xe9bye";
    assert.equal(connection.written, frames);
  }
});

test("a raw WebSocket answers a close frame and ends the connection", async () => {
  const { connection, timers, calls } = await upgraded();
  connection.feed(frame(8, ""));
  while (!connection.isClosed) await settled();
  assert.equal(connection.written, "\x88\x02\x03\xe8");
  assert.deepEqual([calls, timers.pending], [["closed"], 0]);
});

test("a raw WebSocket ends once the client has answered its close", async () => {
  const { connection, timers, calls, socket } = await upgraded();
  socket.close(1001, "");
  await settled();
  connection.feed(frame(8, Uint8Array.of(3, 233)));
  while (!connection.isClosed) await settled();
  assert.deepEqual([calls, timers.pending], [["closed"], 0]);
});

test("a raw WebSocket closes with 1002 when the client breaks the protocol", async () => {
  const { connection, calls } = await upgraded();
  connection.feed(Uint8Array.of(0x81, 0x02, 104, 105));
  while (!connection.isClosed) await settled();
  assert.equal(
    connection.written,
    "\x88\x19\x03\xeanot a frame of RFC 6455",
  );
  assert.deepEqual(calls, ["closed"]);
});

test("a raw WebSocket reports the end of the connection", async () => {
  const { connection, timers, calls } = await upgraded();
  connection.feed(null);
  while (!connection.isClosed) await settled();
  assert.deepEqual([calls, timers.pending], [["closed"], 0]);
});
