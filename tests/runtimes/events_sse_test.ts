/** Event streams on real sockets: clients that reconnect, stay or vanish. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bus, createBus } from "../../src/bus/mod.ts";
import { type EventsHandler, eventsHandler } from "../../src/http/mod.ts";
import {
  feedOf,
  SseReader,
  type Topics,
  until,
} from "../http/events_fixtures.ts";
import { openRaw, sendRequest } from "./events_client.ts";
import { serveFeed, withServer } from "./events_server.ts";
import { RUNTIME } from "./server.ts";

const timeout = 120_000;

/** A random generator with a fixed seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

/** A client that is disconnected repeatedly, and the events it received. */
class ReconnectingClient {
  readonly ids: string[] = [];
  readonly gaps: string[] = [];
  cuts = 0;
  #last: string | undefined;

  get last(): string | undefined {
    return this.#last;
  }

  /**
   * Connects, reads, and disconnects after `cutAfter` bytes or after the event at
   * `end()`. Drops incomplete frames.
   */
  async visit(
    port: number,
    cutAfter: number,
    end: () => string,
  ): Promise<void> {
    const headers = this.#last === undefined
      ? undefined
      : { "last-event-id": this.#last };
    const { status, body, socket } = await openRaw(port, {
      cutAfter,
      ...headers && { headers },
    });
    assert.equal(status, 200);
    const reader = new SseReader(body);
    for (;;) {
      const frame = await reader.next();
      if (frame === undefined) break;
      this.#last = frame.id;
      if (frame.event === "gap") this.gaps.push(frame.item.gap!);
      else this.ids.push(frame.id);
      if (frame.id === end()) break;
    }
    socket.destroy();
    this.cuts++;
  }
}

test(
  `on the wire, a client that disconnects after any byte and reconnects gets each event once (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf({ heartbeat: 0.02 }, 5000);
    const random = randomOf(7);
    const COUNT = 3000;
    await withServer(events, async ({ port }) => {
      const client = new ReconnectingClient();
      const publish = (max: number) => {
        for (let i = random(max); i > 0 && bus.newest < COUNT; i--) {
          bus.publish("n", { text: "é".repeat(random(40)) });
        }
      };
      while (client.last !== bus.position(COUNT)) {
        publish(60);
        await client.visit(port, 1 + random(6000), () => {
          publish(3); // while it reads
          return bus.position(bus.newest);
        });
      }
      const expected = Array.from({ length: COUNT }, (_, i) => `life:${i + 1}`);
      assert.deepEqual(client.ids, expected);
      assert.deepEqual(client.gaps, []);
      assert.ok(client.cuts > 30, `${client.cuts} cuts`);
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `on the wire, a client that reconnects after a restart gets a gap, and each event once (${RUNTIME})`,
  { timeout },
  async () => {
    const random = randomOf(11);
    const client = new ReconnectingClient();
    const epochs: { bus: Bus<Topics>; events: EventsHandler }[] = [];
    const restart = (epoch: number) => {
      const bus = createBus<Topics>({ epoch: `life${epoch}` });
      epochs.push({ bus, events: eventsHandler(bus, { heartbeat: 0.02 }) });
    };
    const EPOCHS = 5;
    const EACH = 200;
    await withServer((request) => epochs.at(-1)!.events(request), async ({
      port,
    }) => {
      for (let epoch = 1; epoch <= EPOCHS; epoch++) {
        restart(epoch);
        const { bus } = epochs.at(-1)!;
        // Fewer events than in the last epoch: the old id is beyond the newest.
        for (let i = 0; i < 20; i++) bus.publish("n", i);
        const end = () => bus.position(bus.newest);
        await client.visit(port, 1 + random(4000), end);
        while (bus.newest < EACH) bus.publish("n", bus.newest);
        while (client.last !== bus.position(EACH)) {
          await client.visit(port, 1 + random(4000), end);
        }
      }
      const expected = Array.from({ length: EPOCHS * EACH }, (_, i) => {
        return `life${1 + Math.floor(i / EACH)}:${1 + i % EACH}`;
      });
      assert.deepEqual(client.ids, expected);
      assert.deepEqual(client.gaps, Array(EPOCHS - 1).fill("restarted"));
      for (const { bus, events } of epochs) {
        await until(() => events.clients === 0);
        assert.equal(bus.stats().subscribers, 0);
      }
    });
  },
);

test(
  `on the wire, comments keep a silent stream open (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf({ heartbeat: 0.05 });
    await withServer(events, async ({ port }) => {
      const { body, head, socket } = await openRaw(port);
      assert.match(head, /content-type: text\/event-stream; charset=utf-8/);
      assert.match(head, /cache-control: no-store/);
      assert.match(head, /x-accel-buffering: no/);
      assert.doesNotMatch(head, /content-length|content-encoding/);
      const reader = new SseReader(body);
      const first = reader.next();
      await until(() => reader.comments >= 10);
      bus.publish("late", 1);
      assert.equal((await first)!.item.kind, "late");
      const before = reader.comments;
      const second = reader.next();
      await until(() => reader.comments >= before + 10);
      bus.publish("later", 1);
      assert.equal((await second)!.item.id, 2);
      socket.destroy();
      await until(() => events.clients === 0);
    });
  },
);

test(
  `on the wire, clients that vanish leave no subscription behind (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf({ heartbeat: 0.05 });
    await withServer(events, async ({ port, url }) => {
      const raw = await Promise.all(
        Array.from({ length: 20 }, () => openRaw(port)),
      );
      const abort = new AbortController();
      const fetched = await Promise.all(
        Array.from(
          { length: 20 },
          () => fetch(`${url}/events`, { signal: abort.signal }),
        ),
      );
      assert.equal(events.clients, 40);
      assert.equal(bus.stats().subscribers, 40);
      const readers = raw.map(({ body }) => new SseReader(body));
      bus.publish("hello", 1);
      for (const reader of readers) assert.deepEqual(await reader.ids(1), [1]);
      for (const { socket } of raw.slice(0, 10)) socket.destroy(); // silent
      await until(() => events.clients === 30);
      abort.abort();
      await until(() => events.clients === 20 - 10);
      for (const { status } of fetched) assert.equal(status, 200);
      // Disconnect while the server writes events.
      for (let i = 0; i < 500; i++) bus.publish("burst", "x".repeat(1000));
      for (const { socket } of raw) socket.destroy();
      for (let i = 0; i < 500; i++) bus.publish("burst", "x".repeat(1000));
      await until(() => events.clients === 0);
      assert.equal(bus.stats().subscribers, 0);
    });
  },
);

test(
  `on the wire, a server stops promptly once its feeds are closed (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf();
    const server = serveFeed(events);
    const feeds = await Promise.all(
      Array.from({ length: 10 }, () => openRaw(server.port)),
    );
    const readers = feeds.map(({ body }) => new SseReader(body));
    bus.publish("last", 1);
    assert.equal(events.clients, 10);
    events.close();
    const start = performance.now();
    const stopped = server.shutdown();
    for (const reader of readers) {
      assert.deepEqual(await reader.ids(1), [1]); // the last event still arrives
    }
    await stopped; // although no client has disconnected
    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds < 20, `it took ${seconds} s`);
    assert.equal(events.clients, 0);
    assert.equal(bus.stats().subscribers, 0);
  },
);

test(
  `on the wire, closed feeds whose clients do not read do not delay the stop of a server (${RUNTIME})`,
  { timeout },
  async () => {
    const { bus, events } = feedOf();
    const server = serveFeed(events);
    const sockets = Array.from(
      { length: 5 },
      () => sendRequest(server.port).pause(),
    );
    await until(() => events.clients === 5);
    // Publish until all buffers between server and clients are full.
    while (bus.stats().lost === 0) {
      for (let i = 0; i < 100; i++) bus.publish("n", "x".repeat(1000));
      await new Promise((resolve) => setTimeout(resolve));
    }
    events.close();
    await until(() => events.clients === 0);
    assert.equal(bus.stats().subscribers, 0);
    const start = performance.now();
    await server.stop();
    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds < 20, `it took ${seconds} s`);
    for (const socket of sockets) socket.destroy();
  },
);
