/** A WebSocket client of a feed, over a fake socket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../../src/bus/mod.ts";
import { EventFrames } from "../../../src/http/events/frames.ts";
import { WebSocketClient } from "../../../src/http/events/websocket_client.ts";
import type { Socket } from "../../../src/platform/internal.ts";

type Topics = { a: number };

/** A socket that records calls; a test sets the number of buffered bytes. */
class FakeSocket implements Socket {
  readonly sent: string[] = [];
  readonly closings: [code: number, reason: string][] = [];
  bytes = 0;
  onDrained: (() => void) | undefined;

  send(text: string): void {
    this.sent.push(text);
  }

  buffered(): number {
    return this.bytes;
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.onDrained = resolve);
  }

  close(code: number, reason: string): void {
    this.closings.push([code, reason]);
  }
}

function setUp(maxBytes = 100) {
  const bus = createBus<Topics>({ epoch: "life" });
  const subscription = bus.subscribe();
  const socket = new FakeSocket();
  let ends = 0;
  const client = new WebSocketClient<Topics>({
    subscription,
    frames: new EventFrames(bus, undefined, 65_536),
    isUnfiltered: true,
    maxBytes,
    now: () => 1,
    onEnd: () => void ends++,
  }, "life");
  return { bus, subscription, socket, client, ends: () => ends };
}

/** Lets pending microtasks run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await null;
}

test("WebSocketClient adds the epoch to the first frame only", async () => {
  const { bus, socket, client } = setUp();
  client.opened(socket);
  bus.publish("a", 1);
  bus.publish("a", 2);
  await settled();
  const epochs = socket.sent.map((text) => JSON.parse(text).epoch);
  assert.deepEqual(epochs, ["life", undefined]);
});

test("WebSocketClient ends once, whichever side closes first", async () => {
  const { bus, subscription, socket, client, ends } = setUp();
  client.opened(socket);
  client.closed();
  client.closed();
  client.close();
  client.drop();
  bus.publish("a", 1);
  await settled();
  assert.equal(ends(), 1);
  assert.equal(subscription.cancelled, true);
  assert.deepEqual([socket.sent, socket.closings], [[], []]);
});

test("WebSocketClient.close() sends the remaining events, then closes with 1001", async () => {
  const { bus, socket, client, ends } = setUp();
  client.opened(socket);
  bus.publish("a", 1);
  client.close();
  await settled();
  assert.equal(socket.sent.length, 1);
  assert.deepEqual(socket.closings, [[1001, "the feed has ended"]]);
  assert.equal(ends(), 1);
});

test("WebSocketClient.close() does not wait for a client that reads nothing", async () => {
  const { bus, socket, client, ends } = setUp();
  socket.bytes = 100;
  client.opened(socket);
  bus.publish("a", 1);
  await settled();
  client.close();
  assert.deepEqual(socket.closings, [[1001, "the feed has ended"]]);
  assert.equal(ends(), 1);
});

test("WebSocketClient.drop() closes with 1013", () => {
  const { socket, client, ends } = setUp();
  client.opened(socket);
  client.drop();
  assert.deepEqual(socket.closings, [[1013, "the client does not read"]]);
  assert.equal(ends(), 1);
});

test("WebSocketClient closes a socket that opens after the feed has ended", () => {
  const { socket, client, ends } = setUp();
  client.close();
  client.opened(socket);
  assert.deepEqual(socket.closings, [[1001, ""]]);
  assert.equal(ends(), 1);
});

test("WebSocketClient stops sending at its limit until the socket is drained", async () => {
  const { bus, socket, client } = setUp();
  client.opened(socket);
  socket.bytes = 99;
  bus.publish("a", 1);
  await settled();
  socket.bytes = 100;
  bus.publish("a", 2);
  await settled();
  bus.publish("a", 3);
  await settled();
  assert.equal(socket.sent.length, 2);
  socket.bytes = 0;
  socket.onDrained?.();
  await settled();
  assert.equal(socket.sent.length, 3);
});

test("WebSocketClient.beat() is true if the client has read nothing", async () => {
  const { bus, socket, client } = setUp();
  assert.equal(client.beat(), true, "not yet open");
  client.opened(socket);
  assert.equal(client.beat(), false, "nothing to read");
  socket.bytes = 50;
  bus.publish("a", 1);
  await settled();
  assert.equal(client.beat(), true, "nothing read");
  socket.bytes = 49;
  assert.equal(client.beat(), false, "one byte read");
  assert.equal(client.beat(), true, "nothing read since");
});

test("WebSocketClient.beat() is false if the client has read and more was buffered", async () => {
  const { bus, socket, client } = setUp();
  client.opened(socket);
  socket.bytes = 50;
  bus.publish("a", 1);
  await settled();
  assert.equal(client.beat(), true);
  socket.bytes = 10; // the client has read; the next event measures it
  bus.publish("a", 2);
  socket.send = () => void (socket.bytes = 50);
  await settled();
  assert.equal(client.beat(), false);
});

test("WebSocketClient ends with 1009 after a large message", () => {
  const { socket, client, ends } = setUp();
  client.opened(socket);
  client.received(1024);
  assert.deepEqual(socket.closings, []);
  client.received(1025);
  const reason = "a message has more than 1024 bytes";
  assert.deepEqual(socket.closings, [[1009, reason]]);
  assert.equal(ends(), 1);
});

test("WebSocketClient ends with 1008 after 100 messages between two heartbeats", () => {
  const { socket, client, ends } = setUp();
  client.opened(socket);
  for (let beat = 0; beat < 3; beat++) {
    for (let i = 0; i < 100; i++) client.received(1);
    client.beat();
  }
  assert.deepEqual(socket.closings, []);
  for (let i = 0; i < 101; i++) client.received(1);
  assert.deepEqual(socket.closings, [[1008, "too many messages"]]);
  assert.equal(ends(), 1);
});
