/** WebSocket clients that do not read, vanish, or send garbage. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { type FeedItem, feedOf, until } from "../http/events_fixtures.ts";
import { sendRequest } from "./events_client.ts";
import { serveFeed, withServer } from "./events_server.ts";
import {
  type Closing,
  frame,
  handshake,
  Listener,
  UPGRADE,
} from "./events_websocket.ts";
import { needsSockets, RUNTIME } from "./server.ts";

const timeout = 120_000;

/** Returns the resident bytes of the process, if possible after a collection. */
function resident(): number {
  const { Bun } = globalThis as { Bun?: { gc(force: boolean): void } };
  Bun?.gc(true);
  return process.memoryUsage().rss;
}

/** Reads until the close frame; returns its code and reason. */
function closingOf(socket: Socket): Promise<Closing> {
  return new Promise((resolve, reject) => {
    let tail = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      tail = Buffer.concat([tail, bytes]).subarray(-64);
      const at = tail.lastIndexOf(0x88); // not a byte of ASCII
      const length = at < 0 ? NaN : tail[at + 1];
      if (tail.length !== at + 2 + length!) return;
      const reason = tail.subarray(at + 4).toString();
      resolve({ code: tail.readUInt16BE(at + 2), reason });
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("no close frame")));
    socket.resume();
  });
}

test(
  `a WebSocket client that never reads takes little memory and is disconnected (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const COUNT = 50_000;
    const HEALTHY = 3;
    const { bus, events } = feedOf({ heartbeat: 0.2, patience: 5 });
    const server = serveFeed(events);
    const { status, socket } = await handshake(server.port);
    assert.equal(status, 101);
    const seen = new Array<number>(HEALTHY).fill(0);
    const clients = seen.map((_, which) => {
      const client = new WebSocket(`${server.url.replace("http", "ws")}/`);
      client.onmessage = ({ data }) => {
        const { id } = JSON.parse(data) as FeedItem;
        assert.equal(id, ++seen[which]!, "each event once, in order");
      };
      return client;
    });
    await until(() => events.clients === 1 + HEALTHY);
    const before = resident();
    let max = before;
    const text = "x".repeat(400);
    while (bus.newest < COUNT) {
      for (let i = 0; i < 250; i++) bus.publish("n", text);
      await until(() => Math.min(...seen) > bus.newest - 500);
      if (bus.newest % 5000 === 0) max = Math.max(max, resident());
    }
    await until(() => Math.min(...seen) === COUNT);
    assert.deepEqual(seen, new Array<number>(HEALTHY).fill(COUNT));
    await until(() => events.clients === HEALTHY, "it is still connected");
    assert.equal(bus.stats().subscribers, HEALTHY);
    const grown = max - before;
    assert.ok(bus.stats().lost > 0, "the buffers held every event");
    assert.ok(grown < 150e6, `it grew by ${grown} bytes`);
    const reason = "the client does not read";
    assert.deepEqual(await closingOf(socket), { code: 1013, reason });
    socket.destroy();
    for (const client of clients) client.close();
    await until(() => events.clients === 0);
    await server.stop();
  },
);

test(
  `a slow WebSocket client gets every event up to a large maxBytes (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    // By default Bun drops frames beyond 16 MB.
    const { bus, events } = feedOf({ maxBytes: 64e6 });
    await withServer(events, async ({ port }) => {
      const { socket } = await handshake(port);
      const COUNT = 40;
      for (let i = 0; i < COUNT; i++) {
        bus.publish("n", "x".repeat(1e6));
        await new Promise((resolve) => setTimeout(resolve));
      }
      let text = "";
      socket.on("data", (bytes: Buffer) => {
        text += bytes.toString("latin1").replace(/x+/g, "");
      });
      socket.resume();
      const ids = () => {
        return [...text.matchAll(/\{"id":(\d+),/g)].map(([, id]) => Number(id));
      };
      await until(() => ids().at(-1) === COUNT, "the last one");
      assert.deepEqual(ids(), Array.from({ length: COUNT }, (_, i) => i + 1));
      assert.equal(bus.stats().lost, 0);
      socket.destroy();
      await until(() => events.clients === 0);
    });
  },
);

test(
  `WebSocket clients that close or vanish leave no subscription behind (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    await withServer(events, async ({ port, url }) => {
      const polite = Array.from({ length: 10 }, () => new Listener(url));
      for (const { opened } of polite) await opened;
      const rude = [];
      for (let i = 0; i < 10; i++) rude.push(await handshake(port));
      assert.equal(events.clients, 20);
      for (let i = 0; i < 100; i++) bus.publish("n", "x".repeat(1000));
      for (const { socket } of polite) socket.close(4000, "done");
      for (const { socket } of rude) socket.destroy();
      for (let i = 0; i < 100; i++) {
        // Some clients vanish during the handshake.
        const socket = sendRequest(port, { headers: UPGRADE });
        socket.on("error", () => {});
        if (i % 2 === 0) socket.destroy();
        else {socket.on("connect", () =>
            setTimeout(() =>
              socket.destroy(), i % 5));}
        bus.publish("n", "x".repeat(1000));
      }
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `messages of WebSocket clients have no effect (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    await withServer(events, async ({ port, url }) => {
      const healthy = new Listener(url);
      await healthy.opened;
      // Small messages are ignored.
      const chatty = new Listener(url);
      await chatty.opened;
      chatty.socket.send('{"since":0}');
      chatty.socket.send(new Uint8Array([0, 255, 1]));
      chatty.socket.send("");
      bus.publish("n", 1);
      assert.deepEqual(await chatty.ids(1), [1]);
      // Large and malformed messages end at most the feed of their client.
      const hostile = [
        frame(1, "x".repeat(100_000)),
        frame(2, new Uint8Array(20_000_000)),
        frame(1, new Uint8Array([0xff, 0xfe])), // not UTF-8
        frame(3, "reserved"),
        frame(9, "x".repeat(1000)), // a ping that is too long
        frame(8, new Uint8Array([0])), // half a status code
        Buffer.from([0x81, 0x02, 0x68, 0x69]), // no mask
        Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        Buffer.from("GET / HTTP/1.1\r\n\r\n".repeat(100)),
      ];
      const sockets = [];
      for (const bytes of hostile) {
        const { socket } = await handshake(port);
        socket.on("error", () => {}); // it may be disconnected
        socket.resume();
        socket.write(bytes);
        sockets.push(socket);
      }
      for (let i = 2; i <= 1000; i++) bus.publish("n", i);
      const ids = Array.from({ length: 1000 }, (_, i) => i + 1);
      assert.deepEqual(await healthy.ids(1000), ids);
      assert.deepEqual(await chatty.ids(999), ids.slice(1));
      for (const socket of sockets) socket.destroy();
      await until(() => events.clients === 2);
      for (const { socket } of [healthy, chatty]) socket.close();
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);
