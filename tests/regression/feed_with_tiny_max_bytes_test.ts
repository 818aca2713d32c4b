/**
 * A feed whose `maxBytes` was smaller than one frame buffered chunks of 16 KiB
 * for each client all the same. With smaller chunks, every event still arrives.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { feedOf, SseReader, until } from "../http/events_fixtures.ts";
import { withServer } from "../runtimes/events_server.ts";
import { Listener } from "../runtimes/events_websocket.ts";
import { RUNTIME } from "../runtimes/server.ts";

const timeout = 120_000;
const COUNT = 300;

for (const maxBytes of [1, 10, 100]) {
  test(
    `a feed with maxBytes of ${maxBytes} delivers every event (${RUNTIME})`,
    { timeout },
    async () => {
      const { bus, events } = feedOf({ maxBytes });
      for (let i = 0; i < COUNT; i++) bus.publish("n", "x".repeat(50));
      await withServer(events, async ({ url }) => {
        const address = `${url}/?since=0`;
        const client = RUNTIME === "node" ? undefined : new Listener(address);
        const response = await fetch(address);
        const reader = new SseReader(response.body!);
        const expected = Array.from({ length: COUNT + 50 }, (_, i) => i + 1);
        const clients = client === undefined ? [reader] : [client, reader];
        const take = (count: number) =>
          Promise.all(clients.map((from) => from.ids(count)));
        for (const read of await take(COUNT)) {
          assert.deepEqual(read, expected.slice(0, COUNT));
        }
        for (let i = 0; i < 50; i++) {
          bus.publish("n", "x".repeat(50));
          await new Promise((resolve) => setTimeout(resolve, i % 3));
        }
        for (const read of await take(50)) {
          assert.deepEqual(read, expected.slice(COUNT));
        }
        client?.socket.close();
        await reader.cancel();
        await until(() => events.clients === 0);
      });
    },
  );
}
