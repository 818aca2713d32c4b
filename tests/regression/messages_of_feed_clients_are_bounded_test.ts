/**
 * Deno joined the fragments of a client's message in memory without a limit,
 * though a feed reads none: six clients took 400 MB. Sockets that the server had
 * closed stayed open until their clients answered.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { eventsHandler } from "../../src/http/mod.ts";
import { feedOf, until } from "../http/events_fixtures.ts";
import { serveFeed, withServer } from "../runtimes/events_server.ts";
import { frame, handshake, Listener } from "../runtimes/events_websocket.ts";
import { needsSockets, RUNTIME } from "../runtimes/server.ts";
import * as fc from "../support/property.ts";

const timeout = 120_000;

/** Like `frame`, but not the last one of its message. */
function fragment(opcode: number, payload: Uint8Array | string): Buffer {
  const bytes = frame(opcode, payload);
  bytes[0]! &= 0x7f;
  return bytes;
}

/** Resolves when the server has ended the connection. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("error", () => {}); // a reset is an end, too
    socket.on("close", () => resolve());
    socket.resume();
  });
}

test(
  `a client that sends a large message is disconnected (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    await withServer(events, async ({ port }) => {
      const header = Buffer.alloc(14); // of a frame of 50 MB that never comes
      header[0] = 1;
      header[1] = 0x80 | 127;
      header.writeUInt32BE(50_000_000, 6);
      // Bun drops empty fragments, and ends the connection when it is idle.
      const manyEmpty = Buffer.concat([
        fragment(1, ""),
        ...Array<Buffer>(200_000).fill(fragment(0, "")),
      ]);
      const hostile = [
        header,
        frame(1, "x".repeat(1025)),
        // Many fragments, each of them small.
        Buffer.concat([
          fragment(1, "x".repeat(100)),
          ...Array<Buffer>(20).fill(fragment(0, "x".repeat(100))),
        ]),
        ...RUNTIME === "bun" ? [] : [manyEmpty],
      ];
      await Promise.all(hostile.map(async (bytes) => {
        const { socket } = await handshake(port);
        const end = ended(socket);
        socket.write(bytes);
        await end;
      }));
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `a client that sends a large message gets the close code 1009 (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { events } = feedOf();
    await withServer(events, async ({ url }) => {
      const client = new Listener(url);
      await client.opened;
      client.socket.send("x".repeat(2000));
      assert.equal((await client.closed).code, 1009);
      await until(() => events.clients === 0);
    });
  },
);

test(
  `a client that floods a feed with small frames is disconnected (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    await withServer(events, async ({ port, url }) => {
      const hostile = [frame(1, "x"), frame(9, "x"), frame(10, "x")];
      await Promise.all(hostile.map(async (bytes) => {
        const { socket } = await handshake(port);
        // It reads nothing: answers to its pings must not pile up.
        socket.on("error", () => {});
        socket.write(Buffer.concat(Array<Buffer>(50_000).fill(bytes)));
        await until(() => events.clients === 0);
        await ended(socket);
      }));
      assert.equal(bus.stats().subscribers, 0);
      const polite = new Listener(url);
      await polite.opened;
      for (let i = 0; i < 150; i++) polite.socket.send("x");
      const { code, reason } = await polite.closed;
      assert.deepEqual([code, reason], [1008, "too many messages"]);
    });
  },
);

test(
  `a client that does not answer the close of its feed is disconnected (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    await Promise.all(["bus", "handler"].map(async (end) => {
      const bus = createBus();
      const events = eventsHandler(bus);
      const server = serveFeed(events);
      const { socket } = await handshake(server.port);
      const start = performance.now();
      if (end === "bus") bus.close();
      else events.close();
      await ended(socket);
      const seconds = (performance.now() - start) / 1000;
      assert.ok(seconds < 20, `${end}: it stayed for ${seconds} s`);
      assert.equal(events.clients, 0);
      await server.stop();
    }));
  },
);

test(
  `law: whatever bytes a client sends, the others get their events (${RUNTIME})`,
  { timeout, ...needsSockets() },
  async () => {
    const { bus, events } = feedOf();
    await withServer(events, async ({ port, url }) => {
      const healthy = new Listener(url);
      await healthy.opened;
      const opcode = fc.constantFrom(0, 1, 2, 3, 8, 9, 10, 15);
      const payload = fc.uint8Array({ maxLength: 200 });
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
        fc.tuple(opcode, payload).map(([code, bytes]) => frame(code, bytes)),
        fc.tuple(opcode, payload).map(([code, bytes]) => fragment(code, bytes)),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(piece, { maxLength: 20 }),
          async (pieces) => {
            const { status, socket } = await handshake(port);
            assert.equal(status, 101);
            socket.on("error", () => {});
            socket.resume();
            for (const bytes of pieces) socket.write(bytes);
            const id = bus.publish("a", 1);
            assert.deepEqual(await healthy.ids(1), [id]);
            socket.destroy();
            await until(() => events.clients === 1);
            assert.equal(bus.stats().subscribers, 1);
          },
        ),
        { numRuns: 100 },
      );
      healthy.socket.close();
      await until(() => events.clients === 0);
    });
  },
);
