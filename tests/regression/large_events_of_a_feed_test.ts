/**
 * An event of any size was encoded, cached and buffered for each client, so that
 * one message of 10 MB cost 10 MB per client of the feed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { eventsHandler } from "../../src/http/mod.ts";
import { EventFrames } from "../../src/http/events/frames.ts";
import { feedOf, open, settled, timedFeedOf } from "../http/events_fixtures.ts";
import * as fc from "../support/property.ts";

test("an event whose JSON is too long is sent without its payload, and counted", async () => {
  const { bus, events } = feedOf();
  const readers = [await open(events), await open(events)];
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  bus.publish("log", { traceId, message: "x".repeat(10_000_000) });
  bus.publish("log", { traceId: "y".repeat(10_000_000) });
  bus.publish("n", "z".repeat(65_000));
  for (const reader of readers) {
    const [large, long, small] = await reader.take(3);
    assert.equal(
      large!.item["error"],
      "the event has more than 65536 characters",
    );
    assert.equal(large!.item.traceId, traceId);
    assert.equal(large!.item["message"], undefined);
    assert.equal(long!.item.traceId.length, 128);
    assert.equal(small!.item.data, "z".repeat(65_000));
    assert.ok(reader.bytes < 70_000);
    await reader.cancel();
  }
  assert.equal(events.oversized, 1, "each event counts once");
});

test("an event is as long as maxBytes allows", async () => {
  const { bus, events } = feedOf({ maxBytes: 2_000_000 });
  const reader = await open(events, "?since=0");
  bus.publish("n", "x".repeat(1_900_000));
  bus.publish("n", "x".repeat(2_000_000));
  const [fits, exceeds] = await reader.take(2);
  assert.equal((fits!.item.data as string).length, 1_900_000);
  assert.match(String(exceeds!.item["error"]), /more than 2000000 characters/);
  await reader.cancel();
});

test("an event is encoded once for any number of clients", async () => {
  let encodings = 0;
  const bus = createBus<{ a: object }>();
  const events = eventsHandler(bus);
  const readers = [];
  for (let i = 0; i < 20; i++) readers.push(await open(events));
  bus.publish("a", { toJSON: () => ++encodings });
  for (const reader of readers) await reader.take(1);
  assert.equal(encodings, 1);
  events.close();
});

test("law: no payload and no redact() makes an event long, or throws", () => {
  const payload = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }),
    fc.constantFrom(
      "x".repeat(100_000),
      { traceId: "\ud800".repeat(1000), message: "é".repeat(70_000) },
      { toJSON: () => "x".repeat(100_000) },
      {
        get traceId(): string {
          throw new Error("secret");
        },
      },
    ),
  );
  const redact = fc.constantFrom<(event: never) => unknown>(
    (event) => event,
    () => undefined,
    () => Promise.reject(new Error("rejects")),
    // deno-lint-ignore no-explicit-any -- not a promise of the runtime
    () => ({ then: (_: any, reject: any) => reject(new Error("thenable")) }),
    () => {
      throw new Error("throws");
    },
    (event: object) => ({ ...event, data: "x".repeat(100_000) }),
    (event: object) => ({ ...event, time: Symbol("time") }),
  );
  const topic = fc.constantFrom("a", "log", "span", "x".repeat(100_000));
  fc.assert(fc.property(payload, redact, topic, (data, hook, name) => {
    const bus = createBus<Record<string, unknown>>();
    const frames = new EventFrames(bus, hook as never, 65_536);
    using subscription = bus.subscribe();
    bus.publish(name, data);
    const event = subscription.read()!;
    const json = frames.json(event, 0);
    assert.equal(frames.json(event, 0), json);
    if (json === undefined) return;
    assert.ok(json.length <= 65_536);
    assert.equal(JSON.parse(json).id, 1);
    assert.ok(!json.includes("\n"));
  }));
});

test("a client that reads little is not buffered for beyond maxBytes and one event", async () => {
  const { bus, events } = feedOf({ maxBytes: 1000 });
  for (let i = 0; i < 500; i++) bus.publish("n", "x".repeat(100));
  const reader = await open(events, "?since=0");
  await reader.more(); // the hello
  await settled();
  events.close();
  // The client did not read, so the feed ends after what was buffered.
  while (await reader.more());
  assert.ok(reader.bytes < 3 * 1000, `${reader.bytes} were buffered`);
});

test("a feed that is full disconnects the client that has been stuck for longest", async () => {
  const { bus, events, timers } = timedFeedOf({ maxClients: 2, heartbeat: 5 });
  const first = await open(events);
  await first.more();
  bus.publish("a", 1);
  await settled();
  const second = await open(events, "?since=1");
  await second.more();
  const full = await events(new Request("http://localhost/events"));
  assert.equal(full.status, 503, "none is stuck yet");
  for (let beat = 0; beat < 2; beat++) {
    timers.advance(5); // the second one finds the first client stuck
    assert.equal(await second.more(), true);
  }
  const third = await open(events);
  assert.equal(events.clients, 2);
  assert.deepEqual(await first.ids(1), [1]);
  assert.equal(await first.next(), undefined);
  await second.cancel();
  await third.cancel();
  assert.equal(bus.stats().subscribers, 0);
});
