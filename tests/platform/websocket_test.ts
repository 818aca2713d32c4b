/** The sockets of Bun and Deno, over fake ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as bun from "../../src/platform/bun.ts";
import * as deno from "../../src/platform/deno.ts";
import type { Socket } from "../../src/platform/internal.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { withGlobals } from "./fixtures.ts";

const request = new Request("http://localhost/");

/** A listener that keeps the socket and counts its closing. */
function listening() {
  const seen: { socket: Socket | undefined; closed: number } = {
    socket: undefined,
    closed: 0,
  };
  const listener = {
    opened: (socket: Socket) => void (seen.socket = socket),
    closed: () => void seen.closed++,
  };
  return { seen, listener };
}

/** A socket of `Bun.serve` that buffers `buffered` bytes. */
class FakeBunSocket {
  readonly calls: unknown[] = [];
  buffered = 0;
  data: unknown;

  send(text: string): void {
    this.calls.push(text);
  }

  getBufferedAmount(): number {
    return this.buffered;
  }

  close(code: number, reason: string): void {
    this.calls.push(code, reason);
  }
}

function openOnBun() {
  const { seen, listener } = listening();
  const fake = new FakeBunSocket();
  const server = {
    upgrade(_: Request, options: { readonly data: unknown }) {
      fake.data = options.data;
      return true;
    },
  };
  const upgrade = bun.upgradeWebSocket(request, server, listener);
  assert.deepEqual(upgrade, { state: "answered" });
  bun.webSocketHandlers.open(fake);
  return { seen, fake, socket: seen.socket! };
}

/** Whether a promise has resolved after all microtasks of this turn. */
async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => resolved = true);
  for (let i = 0; i < 10; i++) await null;
  return resolved;
}

test("Socket.send() and close() on Bun reach the socket", () => {
  const { socket, fake } = openOnBun();
  socket.send("text");
  socket.close(4000, "enough");
  assert.deepEqual(fake.calls, ["text", 4000, "enough"]);
});

test("Socket.drained() on Bun resolves below the limit only", async () => {
  const { socket, fake } = openOnBun();
  fake.buffered = 100;
  const drained = socket.drained(100);
  assert.equal(await isResolved(drained), false);
  bun.webSocketHandlers.drain(fake); // still 100 bytes
  assert.equal(await isResolved(drained), false);
  fake.buffered = 99;
  bun.webSocketHandlers.drain(fake);
  assert.equal(await isResolved(drained), true);
});

test("Socket.drained() on Bun resolves for every waiter at the close", async () => {
  const { seen, socket, fake } = openOnBun();
  fake.buffered = 100;
  const waiters = Promise.all([socket.drained(1), socket.drained(50)]);
  bun.webSocketHandlers.close(fake);
  assert.equal(await isResolved(waiters), true);
  assert.equal(seen.closed, 1);
  assert.equal(socket.buffered(), 0);
  socket.send("late");
  assert.deepEqual(fake.calls, []);
});

test("upgradeWebSocket() on Bun is unavailable if the server does not upgrade", () => {
  const { listener } = listening();
  const unavailable = { state: "unavailable" };
  const broken = {
    upgrade: () => {
      throw new Error("no handlers");
    },
  };
  for (const server of [undefined, {}, { upgrade: () => false }, broken]) {
    assert.deepEqual(
      bun.upgradeWebSocket(request, server, listener),
      unavailable,
    );
  }
});

/** A socket of `Deno.upgradeWebSocket` that buffers `bufferedAmount` bytes. */
class FakeDenoSocket {
  readonly calls: unknown[] = [];
  bufferedAmount = 0;
  onopen = () => {};
  onclose = () => {};

  send(text: string): void {
    this.calls.push(text);
  }

  close(code: number, reason: string): void {
    this.calls.push(code, reason);
  }
}

function openOnDeno() {
  const { seen, listener } = listening();
  const timers = new FakeTimers();
  const fake = new FakeDenoSocket();
  const response = new Response();
  const Deno = { upgradeWebSocket: () => ({ socket: fake, response }) };
  withGlobals({ Deno }, () => {
    const upgrade = deno.upgradeWebSocket(request, undefined, listener, timers);
    assert.deepEqual(upgrade, { state: "answer", response });
  });
  fake.onopen();
  return { seen, fake, timers, socket: seen.socket! };
}

test("Socket.send() and close() on Deno do nothing after a close", () => {
  const { socket, fake } = openOnDeno();
  socket.send("text");
  socket.close(4000, "enough");
  socket.send("late");
  socket.close(4001, "again");
  assert.deepEqual(fake.calls, ["text", 4000, "enough"]);
});

test("Socket.drained() on Deno polls after 1 ms, 2 ms, and so on, up to 20 ms", async () => {
  const { socket, fake, timers } = openOnDeno();
  fake.bufferedAmount = 100;
  const drained = socket.drained(100);
  const waits: number[] = [];
  for (let poll = 0; poll < 7; poll++) {
    await isResolved(drained);
    const from = timers.clock.mono();
    while (timers.pending > 0) timers.advance(0.0005);
    waits.push(Math.round((timers.clock.mono() - from) * 1000));
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 20, 20]);
  assert.equal(await isResolved(drained), false);
  fake.bufferedAmount = 99;
  timers.advance(0.02);
  assert.equal(await isResolved(drained), true);
});

test("Socket.drained() on Deno resolves when either side closes", async () => {
  for (const side of ["server", "client"]) {
    const { seen, socket, fake, timers } = openOnDeno();
    fake.bufferedAmount = 100;
    const drained = socket.drained(1);
    if (side === "server") socket.close(1000, "");
    else fake.onclose();
    timers.advance(0.001);
    assert.equal(await isResolved(drained), true, side);
    assert.equal(timers.pending, 0);
    assert.equal(seen.closed, side === "client" ? 1 : 0);
  }
});
