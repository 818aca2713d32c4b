/** Heartbeats of a feed: comments, and disconnection of stuck clients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  open,
  request,
  settled,
  SseReader,
  timedFeedOf,
} from "../events_fixtures.ts";

const timeout = 120_000;

test(
  "a silent feed sends a comment at each heartbeat",
  { timeout },
  async () => {
    const { events, timers } = timedFeedOf({ heartbeat: 5 });
    const reader = await open(events);
    await reader.more(); // the hello
    for (let i = 0; i < 5; i++) {
      timers.advance(4.75);
      assert.equal(reader.comments, i);
      timers.advance(0.25);
      await reader.comment();
    }
    events.close();
    assert.equal(await reader.next(), undefined);
  },
);

test("a feed sends its comment even right after an event", {
  timeout,
}, async () => {
  const { bus, events, timers } = timedFeedOf({ heartbeat: 5 });
  const reader = await open(events);
  for (let i = 1; i <= 5; i++) {
    const next = reader.next();
    timers.advance(4.75);
    bus.publish("a", i);
    assert.equal((await next)?.item.id, i);
    timers.advance(0.25);
    await reader.comment();
  }
  await reader.cancel();
});

test("the heartbeat runs while there are clients and does not keep the process alive", async () => {
  const { events, timers } = timedFeedOf();
  assert.equal(timers.pending, 0);
  for (let round = 0; round < 2; round++) {
    const first = await open(events);
    const second = await open(events);
    assert.equal(timers.pending, 1);
    assert.equal(timers.holding, 0);
    await first.cancel();
    assert.equal(timers.pending, 1);
    await second.cancel();
    assert.equal(timers.pending, 0);
  }
  const last = await open(events);
  events.close();
  assert.equal(await last.next(), undefined);
  assert.equal(timers.pending, 0);
});

test("a client that never reads is disconnected after its patience", {
  timeout,
}, async () => {
  const { bus, events, timers } = timedFeedOf({ heartbeat: 5, patience: 30 });
  const response = await events(request());
  bus.publish("a", 1);
  await settled();
  // The first heartbeat finds it stuck; patience counts from there.
  timers.advance(5 + 30 - 0.25);
  assert.equal(events.clients, 1);
  timers.advance(0.25);
  assert.equal(events.clients, 0);
  assert.equal(bus.stats().subscribers, 0);
  // It ends cleanly after whole frames: servers would log a stream error.
  const reader = new SseReader(response.body!);
  assert.deepEqual(await reader.ids(1), [1]);
  assert.equal(await reader.next(), undefined);
  assert.equal(reader.comments, 0);
});

test("patience is rounded up to whole heartbeats", async () => {
  for (
    const [heartbeat, patience, end] of [
      [5, 1, 10],
      [5, 5, 10],
      [5, 5.1, 15],
      [10, 30, 40],
    ] as const
  ) {
    const { events, timers } = timedFeedOf({ heartbeat, patience });
    await events(request());
    timers.advance(end - 0.25);
    assert.equal(events.clients, 1, `${heartbeat} ${patience}`);
    timers.advance(0.25);
    assert.equal(events.clients, 0, `${heartbeat} ${patience}`);
  }
});

test("a client whose buffer stays full is disconnected", {
  timeout,
}, async () => {
  const { bus, events, timers } = timedFeedOf({ maxBytes: 100 });
  const reader = await open(events);
  await reader.more();
  const first = reader.next();
  for (let i = 0; i < 100; i++) bus.publish("a", "x".repeat(100));
  await first;
  await settled(); // the body is full again
  timers.advance(5 + 5 + 30);
  assert.equal(events.clients, 0);
  assert.equal(bus.stats().subscribers, 0);
});

test("a client that reads slowly, but reads, stays connected", {
  timeout,
}, async () => {
  const { bus, events, timers } = timedFeedOf({ maxBytes: 100 });
  // Each event is a chunk by itself.
  for (let i = 0; i < 10; i++) bus.publish("a", "x".repeat(20_000));
  const reader = await open(events);
  for (let id = 1; id <= 10; id++) {
    assert.deepEqual(await reader.ids(1), [id]);
    timers.advance(30);
    assert.equal(events.clients, 1);
  }
  await reader.cancel();
});

test("a stuck client that reads again gets its full patience again", {
  timeout,
}, async () => {
  const { bus, events, timers } = timedFeedOf({ heartbeat: 5, patience: 30 });
  const reader = await open(events);
  bus.publish("a", 1);
  await settled();
  timers.advance(30);
  assert.deepEqual(await reader.ids(1), [1]);
  timers.advance(5); // the client has read, so a comment is written
  timers.advance(30); // the first of these heartbeats finds the client stuck
  assert.equal(events.clients, 1);
  timers.advance(5);
  assert.equal(events.clients, 0);
});

test("no comment is written while anything is buffered for a client", {
  timeout,
}, async () => {
  const { bus, events, timers } = timedFeedOf();
  const reader = await open(events);
  timers.advance(30); // six heartbeats, the hello is still unread
  bus.publish("a", 1);
  assert.deepEqual(await reader.ids(1), [1]);
  assert.equal(reader.comments, 0);
  await reader.cancel();
});
