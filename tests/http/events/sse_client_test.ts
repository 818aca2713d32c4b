import assert from "node:assert/strict";
import { test } from "node:test";
import { feedOf, open, request, SseReader, until } from "../events_fixtures.ts";

/** Far more than a test takes: what waits for it, waits in vain. */
const NEVER = { heartbeat: 3600, patience: 3600 };

const timeout = 60_000;

test("a feed tells what is kept, then what comes, each event once", async () => {
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
    told: {
      id: 5,
      traceId: "",
      kind: "b",
      timestamp: "2023-11-14T22:13:20.000Z",
      data: 5,
    },
  });
  await reader.cancel();
});

test("a client that comes back goes on where it was", async () => {
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

test("a client of another life gets all that is kept, and is told so", async () => {
  const { bus, events } = feedOf(NEVER);
  bus.publish("a", 1);
  for (const since of ["5000", "other:1", "other:0"]) {
    const reader = await open(events, `?since=${since}`);
    const [gap, event] = await reader.take(2);
    assert.equal(gap?.event, "gap", since);
    assert.equal(gap?.id, "life:0");
    assert.equal(gap?.told.gap, "restarted");
    assert.equal(gap?.told.missed, 0);
    assert.equal(event?.told.id, 1);
    await reader.cancel();
  }
});

test("a client that comes back too late is told exactly what is gone", async () => {
  const { bus, events } = feedOf(NEVER, 3);
  for (let i = 1; i <= 10; i++) bus.publish("a", i);
  const reader = await open(events, "?since=4");
  const [gap, ...rest] = await reader.take(4);
  assert.equal(gap?.event, "gap");
  assert.equal(gap?.id, "life:7");
  const { kind, gap: why, from, to, missed } = gap!.told;
  assert.deepEqual({ kind, why, from, to, missed }, {
    kind: "gap",
    why: "expired",
    from: 5,
    to: 7,
    missed: 3,
  });
  assert.deepEqual(rest.map(({ told }) => told.id), [8, 9, 10]);
  await reader.cancel();
});

test("a client that reads too slowly loses an exact gap, and holds little", async () => {
  const { bus, events } = feedOf({ ...NEVER, maxBytes: 1000 }, 100);
  const reader = await open(events);
  await reader.more();
  for (let i = 0; i < 5000; i++) {
    bus.publish("a", "x".repeat(100));
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  let seen = 0;
  let missed = 0;
  let gaps = 0;
  while (seen + missed < 5000) {
    const [frame] = await reader.take(1);
    const { gap, from, to } = frame!.told;
    if (gap === undefined) {
      assert.equal(frame!.told.id, seen + missed + 1);
      seen++;
      continue;
    }
    assert.equal(gap, "lagged");
    assert.equal(from, seen + missed + 1);
    assert.equal(frame!.told.missed, to! - from! + 1);
    missed += frame!.told.missed!;
    gaps++;
  }
  assert.equal(seen + missed, 5000);
  assert.ok(gaps === 1 && missed > 4000, `${gaps} gaps of ${missed}`);
  await reader.cancel();
  assert.equal(bus.stats().lost, missed);
});

test("clients see the topics that they want, of those that may be seen", async () => {
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

test("redact is asked once for each event, whatever the number of clients", async () => {
  let asked = 0;
  const { bus, events } = feedOf({
    ...NEVER,
    redact: (event) => {
      asked++;
      return { ...event, data: "hidden" };
    },
  });
  for (let i = 0; i < 20; i++) bus.publish("a", "secret");
  for (let client = 0; client < 5; client++) {
    const reader = await open(events);
    for (const { told } of await reader.take(20)) {
      assert.equal(told.data, "hidden");
    }
    await reader.cancel();
  }
  assert.equal(asked, 20);
});

test("what redact hides, or fails on, no client sees", async () => {
  const fail = (): never => {
    throw new Error("secret");
  };
  const hide: readonly (() => unknown)[] = [
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
  for (const [index, how] of hide.entries()) {
    const { bus, events } = feedOf({
      ...NEVER,
      redact: (event) => event.topic === "open" ? event : how() as undefined,
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

test(
  "events that are hidden one by one do not hold up the next",
  { timeout },
  async () => {
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
    assert.equal((await next)?.told.id, 11);
    await reader.cancel();
  },
);

test("a payload that cannot be written does not break the feed", async () => {
  const { bus, events } = feedOf(NEVER);
  bus.publish("a", { big: 1n });
  bus.publish("log", { toJSON: () => undefined });
  bus.publish("a", 3);
  const reader = await open(events);
  const frames = await reader.take(3);
  assert.deepEqual(frames.map(({ told }) => told.id), [1, 2, 3]);
  assert.equal(typeof frames[0]!.told["error"], "string");
  await reader.cancel();
});

test("clients at the same place get the very same bytes", async () => {
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

test(
  "a silent feed says at each heartbeat that it is there",
  { timeout },
  async () => {
    const { events } = feedOf({ heartbeat: 0.02 });
    const reader = await open(events);
    const next = reader.next();
    await until(() => reader.comments >= 5, "five comments");
    events.close();
    assert.equal(await next, undefined);
  },
);

test("a feed is never silent for longer than a heartbeat, events or none", {
  timeout,
}, async () => {
  const heartbeat = 0.1;
  const { bus, events } = feedOf({ heartbeat });
  const reader = await open(events);
  const all = reader.take(6);
  // A timer in step with the feed's: both are late together.
  let beats = 0;
  const timer = setInterval(() => beats++, heartbeat * 1000);
  // An event in each heartbeat: the comment comes none the less.
  for (let i = 0; i < 5; i++) {
    const { comments } = reader;
    bus.publish("a", i);
    await until(() => reader.comments > comments, "a comment");
  }
  clearInterval(timer);
  bus.publish("a", 5);
  await all;
  assert.ok(beats <= 7, `${beats} heartbeats for 5 comments`);
  await reader.cancel();
});

test("a client that goes away leaves nothing behind", async () => {
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

test(
  "a body that nobody reads is let go, however little waits",
  { timeout },
  async () => {
    const { bus, events } = feedOf({ heartbeat: 0.02, patience: 0.1 });
    const response = await events(request());
    bus.publish("a", 1);
    await until(() => events.clients === 0, "no client");
    assert.equal(bus.stats().subscribers, 0);
    // What was there is whole, and it ends without an error: a server would
    // print one for each client that does not read.
    const reader = new SseReader(response.body!);
    assert.deepEqual(await reader.ids(1), [1]);
    assert.equal(await reader.next(), undefined);
  },
);

test("a body that is full and not read on is let go", { timeout }, async () => {
  const { bus, events } = feedOf({
    heartbeat: 0.02,
    patience: 0.1,
    maxBytes: 100,
  });
  const reader = await open(events);
  await reader.more();
  for (let i = 0; i < 100; i++) bus.publish("a", "x".repeat(100));
  await until(() => events.clients === 0, "no client");
  assert.equal(bus.stats().subscribers, 0);
});

test(
  "a client that reads slowly, but reads, is kept",
  { timeout },
  async () => {
    const patience = 0.2;
    const { bus, events } = feedOf({
      heartbeat: 0.02,
      patience,
      maxBytes: 100,
    });
    // Each is a piece of its own.
    for (let i = 0; i < 10; i++) bus.publish("a", "x".repeat(20_000));
    const reader = await open(events);
    for (let id = 1; id <= 10; id++) {
      assert.deepEqual(await reader.ids(1), [id]);
      await new Promise((resolve) => setTimeout(resolve, patience * 400));
    }
    assert.equal(events.clients, 1);
    await reader.cancel();
  },
);

test("close() does not wait for a client that does not read", async () => {
  const { bus, events } = feedOf({ ...NEVER, maxBytes: 100 });
  for (let i = 0; i < 100; i++) bus.publish("a", "x".repeat(100));
  const full = await events(request());
  const unread = await feedOf(NEVER).events(request());
  await new Promise((resolve) => setTimeout(resolve, 10));
  events.close();
  assert.equal(events.clients, 0);
  assert.equal(bus.stats().subscribers, 0);
  await full.body!.cancel().catch(() => {});
  await unread.body!.cancel();
});
