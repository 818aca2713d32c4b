import assert from "node:assert/strict";
import { test } from "node:test";
import { feedOf, open, request, settled } from "../events_fixtures.ts";

/** Options that let no heartbeat occur during a test. */
const NEVER = { heartbeat: 3600, patience: 3600 };

const timeout = 120_000;

test("a feed sends the buffered events, then new events, each once", async () => {
  const { bus, events } = feedOf(NEVER);
  for (let i = 1; i <= 3; i++) bus.publish("a", i, 1_700_000_000);
  const reader = await open(events);
  bus.publish("a", 4, 1_700_000_000);
  const early = await reader.take(4);
  bus.publish("b", 5, 1_700_000_000);
  const frames = [...early, ...await reader.take(1)];
  assert.deepEqual(
    frames.map(({ id }) => id),
    [1, 2, 3, 4, 5].map((id) => `life:${id}`),
  );
  assert.deepEqual(frames[4], {
    id: "life:5",
    event: "message",
    item: {
      id: 5,
      traceId: "",
      kind: "b",
      timestamp: "2023-11-14T22:13:20.000Z",
      data: 5,
    },
  });
  await reader.cancel();
});

test("a client that reconnects resumes after its last event", async () => {
  const { bus, events } = feedOf(NEVER);
  for (let i = 1; i <= 5; i++) bus.publish("a", i);
  for (
    const [query, headers, first] of [
      ["?since=3", {}, 4],
      ["?since=life:3", {}, 4],
      ["", { "last-event-id": "life:3" }, 4],
      ["?since=1", { "last-event-id": "life:3" }, 4],
      ["?since=0", {}, 1],
      ["", {}, 1],
    ] as const
  ) {
    const reader = await open(events, query, headers);
    assert.deepEqual(await reader.ids(1), [first], query);
    await reader.cancel();
  }
});

test("a client that has the newest event gets only the next one", async () => {
  for (
    const [query, headers] of [
      ["?since=5", {}],
      ["?since=life:5", {}],
      ["", { "last-event-id": "5" }],
    ] as const
  ) {
    const { bus, events } = feedOf(NEVER);
    for (let i = 1; i <= 5; i++) bus.publish("a", i);
    const reader = await open(events, query, headers);
    bus.publish("a", 6);
    const [frame] = await reader.take(1);
    assert.deepEqual([frame?.event, frame?.item.id], ["message", 6], query);
    await reader.cancel();
  }
});

test("a client of an earlier epoch gets a gap, then all buffered events", async () => {
  const { bus, events } = feedOf(NEVER);
  bus.publish("a", 1);
  for (const since of ["2", "5000", "other:1", "other:0"]) {
    const reader = await open(events, `?since=${since}`);
    const [gap, event] = await reader.take(2);
    assert.equal(gap?.event, "gap", since);
    assert.equal(gap?.id, "life:0");
    assert.equal(gap?.item.gap, "restarted");
    assert.equal(gap?.item.missed, 0);
    assert.equal(event?.item.id, 1);
    await reader.cancel();
  }
});

test("a client that reconnects too late gets the exact gap", async () => {
  const { bus, events } = feedOf(NEVER, 3);
  for (let i = 1; i <= 10; i++) bus.publish("a", i);
  const reader = await open(events, "?since=4");
  const [gap, ...rest] = await reader.take(4);
  assert.equal(gap?.event, "gap");
  assert.equal(gap?.id, "life:7");
  const { kind, gap: reason, from, to, missed } = gap!.item;
  assert.deepEqual({ kind, reason, from, to, missed }, {
    kind: "gap",
    reason: "expired",
    from: 5,
    to: 7,
    missed: 3,
  });
  assert.deepEqual(rest.map(({ item }) => item.id), [8, 9, 10]);
  await reader.cancel();
});

test("a client that reads too slowly gets one exact gap", async () => {
  const { bus, events } = feedOf({ ...NEVER, maxBytes: 1000 }, 100);
  const reader = await open(events);
  await reader.more();
  for (let i = 0; i < 5000; i++) {
    bus.publish("a", "x".repeat(100));
    if (i % 50 === 0) await settled();
  }
  let seen = 0;
  let missed = 0;
  let gaps = 0;
  while (seen + missed < 5000) {
    const [frame] = await reader.take(1);
    const { gap, from, to } = frame!.item;
    if (gap === undefined) {
      assert.equal(frame!.item.id, seen + missed + 1);
      seen++;
      continue;
    }
    assert.equal(gap, "lagged");
    assert.equal(from, seen + missed + 1);
    assert.equal(frame!.item.missed, to! - from! + 1);
    missed += frame!.item.missed!;
    gaps++;
  }
  assert.equal(seen + missed, 5000);
  assert.ok(gaps === 1 && missed > 4000, `${gaps} gaps of ${missed}`);
  await reader.cancel();
  assert.equal(bus.stats().lost, missed);
});

test("a client gets the selected topics that are allowed", async () => {
  const { bus, events } = feedOf({ ...NEVER, topics: ["a", "b"] });
  for (const topic of ["a", "b", "secret", "a", "b"]) bus.publish(topic, 0);
  for (
    const [query, ids] of [
      ["", [1, 2, 4, 5]],
      ["?topics=a", [1, 4]],
      ["?topics=b,none,__proto__", [2, 5]],
      ["?topics=secret,a", [1, 4]],
    ] as const
  ) {
    const reader = await open(events, query);
    assert.deepEqual(await reader.ids(ids.length), ids, query);
    await reader.cancel();
  }
  const nothing = await open(events, "?topics=secret");
  events.close();
  assert.equal(await nothing.next(), undefined);
});

test("redact() is called once for each event, whatever the number of clients", async () => {
  let calls = 0;
  const { bus, events } = feedOf({
    ...NEVER,
    redact: (event) => {
      calls++;
      return { ...event, data: "hidden" };
    },
  });
  for (let i = 0; i < 20; i++) bus.publish("a", "secret");
  for (let client = 0; client < 5; client++) {
    const reader = await open(events);
    for (const { item } of await reader.take(20)) {
      assert.equal(item.data, "hidden");
    }
    await reader.cancel();
  }
  assert.equal(calls, 20);
});

test("an event reaches no client if redact() hides it or fails", async () => {
  const fail = (): never => {
    throw new Error("secret");
  };
  const hooks: readonly (() => unknown)[] = [
    () => undefined,
    () => null,
    () => "secret",
    fail,
    () => Promise.reject(new Error("secret")),
    () => Promise.resolve({ topic: "a", data: "secret" }),
    () => ({
      get data() {
        return fail();
      },
    }),
  ];
  for (const [index, hook] of hooks.entries()) {
    const { bus, events } = feedOf({
      ...NEVER,
      redact: (event) => event.topic === "open" ? event : hook() as undefined,
    });
    bus.publish("hidden", "secret");
    bus.publish("open", 1);
    const reader = await open(events);
    assert.deepEqual(await reader.ids(1), [2], `${index}`);
    events.close();
    assert.equal(await reader.next(), undefined);
    assert.equal(events.clients, 0);
  }
});

test("hidden events that arrive one by one do not delay the next visible one", {
  timeout,
}, async () => {
  const { bus, events } = feedOf({
    ...NEVER,
    redact: (event) => event.topic === "open" ? event : undefined,
  });
  const reader = await open(events);
  const next = reader.next();
  for (let i = 0; i < 10; i++) {
    bus.publish("hidden", i);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  bus.publish("open", 1);
  assert.equal((await next)?.item.id, 11);
  await reader.cancel();
});

test("a payload that JSON cannot represent does not break the feed", async () => {
  const { bus, events } = feedOf(NEVER);
  bus.publish("a", { big: 1n });
  bus.publish("log", { toJSON: () => undefined });
  bus.publish("a", 3);
  const reader = await open(events);
  const frames = await reader.take(3);
  assert.deepEqual(frames.map(({ item }) => item.id), [1, 2, 3]);
  assert.equal(typeof frames[0]!.item["error"], "string");
  await reader.cancel();
});

test("the gap of one client does not reach another client at the same position", async () => {
  const { bus, events } = feedOf(NEVER);
  for (let i = 1; i <= 5; i++) bus.publish("a", i);
  for (const [query, gaps] of [["?since=other:1", 1], ["", 0]] as const) {
    const reader = await open(events, query);
    const frames = await reader.take(gaps + 5);
    const received = frames.filter(({ event }) => event === "gap");
    assert.equal(received.length, gaps, query);
    await reader.cancel();
  }
});

test("clients at the same position get the same chunks", async () => {
  const { bus, events } = feedOf(NEVER);
  for (let i = 0; i < 10; i++) bus.publish("a", i);
  const bodies = [await events(request()), await events(request())]
    .map(({ body }) => body!.getReader());
  const hellos = [];
  const chunks = [];
  for (const body of bodies) {
    hellos.push((await body.read()).value);
    chunks.push((await body.read()).value);
  }
  assert.equal(chunks[0], chunks[1]);
  assert.equal(hellos[0], hellos[1]);
  events.close();
});

test("a client that disconnects leaves no subscription behind", async () => {
  const { bus, events } = feedOf(NEVER);
  for (let i = 0; i < 20; i++) {
    const reader = await open(events);
    bus.publish("a", i);
    if (i % 2 === 0) await reader.more();
    assert.equal(bus.stats().subscribers, 1);
    await reader.cancel();
    assert.equal(events.clients, 0);
    assert.equal(bus.stats().subscribers, 0);
  }
});

test("close() does not wait for a client that does not read", async () => {
  const { bus, events } = feedOf({ ...NEVER, maxBytes: 100 });
  for (let i = 0; i < 100; i++) bus.publish("a", "x".repeat(100));
  const full = await events(request());
  await settled();
  events.close();
  assert.equal(events.clients, 0);
  assert.equal(bus.stats().subscribers, 0);
  await full.body!.cancel().catch(() => {});
});
