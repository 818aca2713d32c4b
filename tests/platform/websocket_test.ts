/** The server side of a WebSocket, over fake sockets of the runtimes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as bun from "../../src/platform/bun.ts";
import * as deno from "../../src/platform/deno.ts";
import type { Socket, SocketListener } from "../../src/platform/internal.ts";
import * as node from "../../src/platform/node.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { withGlobals } from "./fixtures.ts";

const REQUEST = new Request("http://localhost/events");

/** A listener that records its calls. */
function listening() {
  const calls: string[] = [];
  let socket: Socket | undefined;
  const listener: SocketListener = {
    opened(opened) {
      calls.push("opened");
      socket = opened;
    },
    received: (bytes) => void calls.push(`received ${bytes}`),
    closed: () => void calls.push("closed"),
  };
  return { calls, listener, socket: () => socket! };
}

/** The socket of `Deno.upgradeWebSocket`. */
class FakeWebSocket {
  onopen = () => {};
  onclose = () => {};
  onerror = () => {};
  onmessage = (_: { readonly data: unknown }) => {};
  bufferedAmount = 0;
  readonly sent: string[] = [];
  readonly closed: [code: number, reason: string][] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number, reason: string): void {
    this.closed.push([code, reason]);
  }
}

/** A Deno without the upgrade to a raw connection. */
function upgradedByDeno() {
  const webSocket = new FakeWebSocket();
  const response = new Response();
  const timers = new FakeTimers();
  const { calls, listener, socket } = listening();
  let options: unknown;
  const Deno = {
    upgradeWebSocket(request: Request, init: unknown) {
      assert.equal(request, REQUEST);
      options = init;
      return { socket: webSocket, response };
    },
  };
  withGlobals({ Deno }, () => {
    const upgrade = deno.upgradeWebSocket(REQUEST, {}, listener, timers);
    assert.deepEqual(upgrade, { state: "answer", response });
  });
  assert.deepEqual(options, { idleTimeout: 30 });
  assert.deepEqual(calls, []);
  webSocket.onopen();
  assert.deepEqual(calls, ["opened"]);
  return { webSocket, timers, calls, socket: socket() };
}

/** Lets pending microtasks run. */
const settled = () => new Promise<void>((done) => setImmediate(done));

test("upgradeWebSocket() on Deno returns a socket that sends, counts and closes", () => {
  const { webSocket, calls, socket } = upgradedByDeno();
  socket.send("a");
  webSocket.bufferedAmount = 7;
  assert.equal(socket.buffered(), 7);
  socket.close(1001, "bye");
  socket.close(1001, "again");
  socket.send("late");
  assert.deepEqual(webSocket.sent, ["a"]);
  assert.deepEqual(webSocket.closed, [[1001, "bye"]]);
  webSocket.onmessage({ data: "abc" });
  webSocket.onmessage({ data: new Blob(["ab"]) });
  webSocket.onerror();
  webSocket.onclose();
  const received = ["received 3", "received 2"];
  assert.deepEqual(calls, ["opened", ...received, "closed"]);
});

test("upgradeWebSocket() on Deno sends nothing after the client closes", () => {
  const { webSocket, socket } = upgradedByDeno();
  webSocket.onclose();
  socket.send("late");
  socket.close(1000, "late");
  assert.deepEqual([webSocket.sent, webSocket.closed], [[], []]);
});

test("Socket.drained() on Deno polls from 1 ms to 20 ms", async () => {
  const { webSocket, timers, socket } = upgradedByDeno();
  webSocket.bufferedAmount = 100;
  let isDrained = false;
  void socket.drained(100).then(() => isDrained = true);
  const polls: number[] = [];
  for (let i = 0; i < 7; i++) {
    assert.deepEqual([timers.pending, timers.holding], [1, 0]);
    const start = timers.clock.mono();
    while (timers.pending > 0) timers.advance(0.0005);
    polls.push(Math.round(1000 * (timers.clock.mono() - start)));
    await settled();
  }
  assert.deepEqual(polls, [1, 2, 4, 8, 16, 20, 20]);
  assert.equal(isDrained, false);
  webSocket.bufferedAmount = 99;
  timers.advance(0.02);
  await settled();
  assert.equal(isDrained, true);
  assert.equal(timers.pending, 0);
});

test("Socket.drained() on Deno ends when either side closes", async () => {
  for (const side of ["client", "server"]) {
    const { webSocket, timers, socket } = upgradedByDeno();
    webSocket.bufferedAmount = 100;
    const drained = socket.drained(1);
    if (side === "client") webSocket.onclose();
    else socket.close(1000, "");
    timers.advance(0.02);
    await drained;
    assert.equal(timers.pending, 0);
  }
});

/** A socket as `Bun.serve` passes it to its handlers. */
class FakeBunSocket {
  readonly data: unknown;
  buffered = 0;
  readonly sent: string[] = [];
  readonly closed: [code: number, reason: string][] = [];
  terminations = 0;
  constructor(data: unknown) {
    this.data = data;
  }
  send(text: string): number {
    return this.sent.push(text);
  }
  getBufferedAmount(): number {
    return this.buffered;
  }
  close(code: number, reason: string): void {
    this.closed.push([code, reason]);
  }
  terminate(): void {
    this.terminations++;
  }
}

function upgradedByBun() {
  const { calls, listener, socket } = listening();
  const timers = new FakeTimers();
  let data: unknown;
  const server = {
    upgrade(request: Request, options: { readonly data: unknown }) {
      assert.equal(this, server);
      assert.equal(request, REQUEST);
      data = options.data;
      return true;
    },
  };
  const upgrade = bun.upgradeWebSocket(
    REQUEST,
    server,
    listener,
    timers,
  );
  assert.deepEqual(upgrade, { state: "answered" });
  const bunSocket = new FakeBunSocket(data);
  bun.webSocketHandlers.open(bunSocket);
  assert.deepEqual(calls, ["opened"]);
  return { bunSocket, calls, timers, socket: socket() };
}

test("upgradeWebSocket() on Bun returns a socket that sends, counts and closes", () => {
  const { bunSocket, calls, timers, socket } = upgradedByBun();
  socket.send("a");
  bunSocket.buffered = 7;
  assert.equal(socket.buffered(), 7);
  socket.close(1001, "bye");
  assert.deepEqual(bunSocket.closed, [[1001, "bye"]]);
  bun.webSocketHandlers.message(bunSocket, "abc");
  bun.webSocketHandlers.ping(bunSocket, new Uint8Array(2));
  bun.webSocketHandlers.pong(bunSocket, new Uint8Array(1));
  bun.webSocketHandlers.close(bunSocket);
  const received = ["received 3", "received 2", "received 1"];
  assert.deepEqual(calls, ["opened", ...received, "closed"]);
  assert.deepEqual([timers.pending, bunSocket.terminations], [0, 0]);
  socket.send("late");
  assert.deepEqual([bunSocket.sent, socket.buffered()], [["a"], 0]);
});

test("Socket.close() on Bun ends the connection of a client that does not answer", () => {
  const { bunSocket, timers, socket } = upgradedByBun();
  socket.close(1001, "bye");
  socket.close(1001, "again");
  assert.deepEqual([timers.pending, timers.holding], [1, 0]);
  timers.advance(3);
  assert.equal(bunSocket.terminations, 1);
});

test("Socket.drained() on Bun waits for a drain event or the close", async () => {
  const { bunSocket, socket } = upgradedByBun();
  const states: string[] = [];
  const wait = (name: string) =>
    socket.drained(100).then(() => void states.push(name));
  bunSocket.buffered = 100;
  void wait("a");
  void wait("b");
  bun.webSocketHandlers.drain(bunSocket);
  await settled();
  assert.deepEqual(states, [], "still 100 bytes are buffered");
  bunSocket.buffered = 99;
  bun.webSocketHandlers.drain(bunSocket);
  await settled();
  assert.deepEqual(states, ["a", "b"]);
  bunSocket.buffered = 100;
  void wait("c");
  bun.webSocketHandlers.close(bunSocket);
  await settled();
  assert.deepEqual(states, ["a", "b", "c"]);
});

test("webSocketHandlers ignores sockets of other handlers", () => {
  const { open, drain, close } = bun.webSocketHandlers;
  for (const handle of [open, drain, close]) {
    handle(new FakeBunSocket(undefined));
    handle(new FakeBunSocket({}));
  }
});

test("upgradeWebSocket() is unavailable where the server cannot upgrade", () => {
  const { calls, listener } = listening();
  const refused = { state: "unavailable" };
  const servers = [undefined, null, {}, { upgrade: 7 }, {
    upgrade: () => false,
  }, {
    upgrade() {
      throw new Error("no handlers");
    },
  }];
  for (const server of servers) {
    assert.deepEqual(
      bun.upgradeWebSocket(REQUEST, server, listener, new FakeTimers()),
      refused,
    );
  }
  assert.deepEqual(node.upgradeWebSocket(), refused);
  assert.deepEqual(calls, []);
});
