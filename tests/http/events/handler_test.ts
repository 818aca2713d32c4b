import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../../src/bus/mod.ts";
import { eventsHandler } from "../../../src/http/mod.ts";
import { feedOf, open, request } from "../events_fixtures.ts";

test("a feed is an event stream that forbids caching and buffering", async () => {
  const { events } = feedOf();
  const response = await events(request());
  assert.equal(response.status, 200);
  const { headers } = response;
  assert.equal(headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(headers.get("cache-control"), "no-store, no-transform");
  assert.equal(headers.get("x-accel-buffering"), "no");
  assert.equal(headers.get("vary"), "Origin");
  await response.body!.cancel();
});

test("HEAD returns the headers of a feed without opening one", async () => {
  const { bus, events } = feedOf();
  const response = await events(request("", {}, "HEAD"));
  assert.equal(response.status, 200);
  const type = response.headers.get("content-type");
  assert.equal(type, "text/event-stream; charset=utf-8");
  assert.equal(await response.text(), "");
  assert.equal(events.clients, 0);
  assert.equal(bus.stats().subscribers, 0);
});

test("OPTIONS answers 204 and other methods 405, both with Allow", async () => {
  const { events } = feedOf();
  const options = await events(request("", {}, "OPTIONS"));
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    const response = await events(request("", {}, method));
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
  }
  assert.equal(events.clients, 0);
});

test("authorize refuses a feed if it returns anything but true", async () => {
  const verdicts: readonly (() => unknown)[] = [
    () => false,
    () => Promise.reject(new Error("secret")),
    () => {
      throw new Error("secret");
    },
    () => "yes",
  ];
  for (const verdict of verdicts) {
    const { events } = feedOf({ authorize: verdict as () => boolean });
    const response = await events(request());
    assert.equal(response.status, 401);
    assert.doesNotMatch(await response.text(), /secret/);
    assert.equal(events.clients, 0);
  }
});

test("a client beyond maxClients gets 503 until another one leaves", async () => {
  const { events } = feedOf({ maxClients: 2 });
  const first = await open(events);
  const second = await open(events);
  assert.equal(events.clients, 2);
  const refused = await events(request());
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get("retry-after")!, /^[1-9]\d*$/);
  await first.cancel();
  const third = await open(events);
  await second.cancel();
  await third.cancel();
  assert.equal(events.clients, 0);
});

test("clients whose authorization is pending cannot exceed maxClients", async () => {
  let admit!: (isAdmitted: boolean) => void;
  const gate = new Promise<boolean>((resolve) => admit = resolve);
  const { events } = feedOf({ maxClients: 1, authorize: () => gate });
  const both = [events(request()), events(request())];
  admit(true);
  const statuses = (await Promise.all(both)).map(({ status }) => status);
  assert.deepEqual(statuses, [200, 503]);
  events.close();
});

test("close() ends all feeds; later requests get 503", async () => {
  const { bus, events } = feedOf();
  const readers = [await open(events), await open(events)];
  for (const reader of readers) await reader.more();
  events.close();
  for (const reader of readers) assert.equal(await reader.next(), undefined);
  assert.equal(events.clients, 0);
  assert.equal(bus.stats().subscribers, 0);
  events.close();
  assert.equal((await events(request())).status, 503);
});

test("a client whose authorization is pending at close() gets 503", async () => {
  let admit!: (isAdmitted: boolean) => void;
  const gate = new Promise<boolean>((resolve) => admit = resolve);
  const { events } = feedOf({ authorize: () => gate });
  const response = events(request());
  events.close();
  admit(true);
  assert.equal((await response).status, 503);
  assert.equal(events.clients, 0);
});

test("disposal closes the feeds, and so does a signal that aborts early or late", async () => {
  const { events } = feedOf();
  events[Symbol.dispose]();
  assert.equal((await events(request())).status, 503);

  const stop = new AbortController();
  const late = feedOf({ signal: stop.signal });
  const reader = await open(late.events);
  await reader.more();
  stop.abort();
  assert.equal(await reader.next(), undefined);
  assert.equal(late.events.clients, 0);

  const early = feedOf({ signal: AbortSignal.abort() });
  assert.equal((await early.events(request())).status, 503);
});

test("a closed bus ends its feeds after the last event", async () => {
  const { bus, events } = feedOf();
  bus.publish("a", 1);
  const reader = await open(events);
  bus.publish("a", 2);
  bus.close();
  assert.deepEqual(await reader.ids(2), [1, 2]);
  assert.equal(await reader.next(), undefined);
  assert.equal(events.clients, 0);
});

test("eventsHandler() refuses a first argument that is not a bus", () => {
  for (const wrong of [undefined, null, {}, 1]) {
    assert.throws(() => eventsHandler(wrong as never), /must be a bus/);
  }
});

const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  authorize: [true, "yes"],
  origins: ["all", 1, null, {}, [1], ["example.com"], ["https://x.example/"]],
  redact: [{}, "secret"],
  topics: ["a", 1, {}, [1]],
  buffer: [0, -1, 1.5, NaN, Infinity, "1"],
  maxBytes: [0, -1, 1.5, NaN],
  maxClients: [0, -1, 1.5, NaN],
  heartbeat: [0, -1, NaN, Infinity, "5"],
  patience: [0, -1, NaN, Infinity],
  signal: [{}, true],
  clock: [1],
  heartBeat: [5],
};

for (const [name, values] of Object.entries(WRONG)) {
  test(`eventsHandler() refuses a wrong ${name} at once`, () => {
    for (const value of values) {
      assert.throws(
        () => eventsHandler(createBus(), { [name]: value } as never),
        /^(?:Type|Range)Error: Cannot serve events: .*; give /,
        `${name}: ${JSON.stringify(value)}`,
      );
    }
  });
}

test("eventsHandler() accepts every form of origins and topics", () => {
  for (
    const origins of ["same", "any", [], ["https://x.example:8443"], () => true]
  ) eventsHandler(createBus(), { origins } as never).close();
  eventsHandler(createBus<{ a: 1 }>(), { topics: ["a"] }).close();
});
