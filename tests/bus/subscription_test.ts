/** Subscriptions: backlog, live events, gaps, waiting, cancellation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bus, createBus, type Subscription } from "../../src/bus/mod.ts";
import { countedSignal } from "../support/counted_signal.ts";

type Topics = { a: number; b: number };

const timeout = 120_000;

function publish(bus: Bus<Topics>, count: number, topic: "a" | "b" = "a") {
  for (let i = 0; i < count; i++) bus.publish(topic, i);
}

/** Returns readable events as ids, and gaps as `reason:from-to/missed`. */
function read(subscription: Subscription<{ id: number; gap?: undefined }>) {
  const seen: (number | string)[] = [];
  for (let next = subscription.read(); next; next = subscription.read()) {
    if (next.gap === undefined) seen.push(next.id);
    else seen.push(`${next.gap}:${next.from}-${next.to}/${next.missed}`);
  }
  return seen;
}

test(
  "subscribe() returns backlog and live events as one sequence",
  { timeout },
  async () => {
    const bus = createBus<Topics>();
    publish(bus, 3);
    const ids: number[] = [];
    for await (const event of bus.subscribe({ after: 1 })) {
      if (event.gap !== undefined) continue;
      ids.push(event.id);
      if (event.id < 6) bus.publish("a", 0); // also from within the loop
      if (event.id === 6) break;
    }
    assert.deepEqual(ids, [2, 3, 4, 5, 6]);
    assert.equal(bus.stats().subscribers, 0, "leaving the loop cancels");
  },
);

test("subscribe() without `after` returns new events only", () => {
  const bus = createBus<Topics>();
  publish(bus, 3);
  using live = bus.subscribe();
  assert.deepEqual(read(live), []);
  publish(bus, 2);
  assert.deepEqual(read(live), [4, 5]);
});

test("subscribe() takes ids and positions as `after`, clamped to the kept events", () => {
  const bus = createBus<Topics>({ capacity: 3, epoch: "e" });
  publish(bus, 5);
  const from = (after: number | string) => {
    using subscription = bus.subscribe({ after });
    return read(subscription);
  };
  assert.deepEqual(from(2), [3, 4, 5]);
  assert.deepEqual(from(4), [5]);
  assert.deepEqual(from(5), []);
  assert.deepEqual(from(5000), []);
  assert.deepEqual(from(Infinity), []);
  assert.deepEqual(from(0), ["expired:1-2/2", 3, 4, 5]);
  assert.deepEqual(from(-7), ["expired:1-2/2", 3, 4, 5]);
  assert.deepEqual(from(3.9), [4, 5]);
  assert.deepEqual(from("e:4"), [5]);
  assert.deepEqual(from("e:5000"), []);
  assert.deepEqual(from("before:4"), ["restarted:1-2/2", 3, 4, 5]);
});

test("subscribe() after a restart reports a gap, even an empty one", () => {
  const bus = createBus<Topics>();
  using back = bus.subscribe({ after: "before:7" });
  assert.deepEqual(read(back), ["restarted:1-0/0"]);
  publish(bus, 1);
  assert.deepEqual(read(back), [1]);
});

test("read() reports the exact gap of a slow subscriber", () => {
  const bus = createBus<Topics>({ capacity: 100 });
  using slow = bus.subscribe({ buffer: 3 });
  publish(bus, 2);
  assert.equal(slow.lost, 0);
  publish(bus, 8);
  assert.equal(slow.lost, 7);
  assert.deepEqual(read(slow), ["lagged:1-7/7", 8, 9, 10]);
  assert.equal(slow.lost, 7);
  assert.equal(slow.cursor, 10);
  publish(bus, 1000);
  assert.deepEqual(read(slow), ["lagged:11-1007/997", 1008, 1009, 1010]);
});

test("subscribe() does not limit the backlog by `buffer`", () => {
  const bus = createBus<Topics>({ capacity: 50 });
  publish(bus, 40);
  using subscription = bus.subscribe({ after: 0, buffer: 2 });
  assert.equal(read(subscription).length, 40);
});

test("subscribe() has a buffer of 128 events by default", () => {
  for (const options of [{}, { buffer: 0 }, { buffer: -1 }]) {
    const bus = createBus<Topics>();
    using subscription = bus.subscribe(options);
    publish(bus, 129);
    assert.equal(read(subscription)[0], "lagged:1-1/1");
  }
});

test("read() does not count events of other topics as buffered or missed", () => {
  const bus = createBus<Topics>({ capacity: 1000 });
  using some = bus.subscribe({ topics: ["b"], buffer: 2 });
  bus.publish("b", 1);
  publish(bus, 500);
  bus.publish("b", 2);
  publish(bus, 400);
  assert.equal(some.lost, 0);
  assert.deepEqual(read(some), [1, 502]);
  publish(bus, 3, "b");
  publish(bus, 10);
  assert.deepEqual(read(some), ["lagged:903-903/1", 904, 905]);
  using none = bus.subscribe({ topics: [], after: 0 });
  assert.deepEqual(read(none), []);
});

test("read() does not count evicted events of other topics as missed", () => {
  const bus = createBus<Topics>({ capacity: 10 });
  using some = bus.subscribe({ topics: ["b"] });
  bus.publish("b", 1);
  publish(bus, 100);
  assert.deepEqual(read(some), ["lagged:1-91/1"]);
  publish(bus, 100);
  assert.deepEqual(read(some), []);
});

test("cancel() works once and leaves waiting events readable", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const subscription = bus.subscribe();
  publish(bus, 2);
  subscription.cancel();
  subscription.cancel();
  subscription[Symbol.dispose]();
  publish(bus, 2);
  assert.equal(subscription.cancelled, true);
  assert.equal(await subscription.ready(), true);
  assert.deepEqual(read(subscription), [1, 2]);
  assert.equal(await subscription.ready(), false);
  assert.equal(bus.stats().subscribers, 0);
});

test(
  "subscribe() ends on abort and drops waiting events",
  { timeout },
  async () => {
    const bus = createBus<Topics>();
    const stop = new AbortController();
    const subscription = bus.subscribe({ signal: stop.signal });
    const waiting = subscription.ready();
    stop.abort();
    assert.equal(await waiting, false);
    const other = bus.subscribe({ after: 0, signal: stop.signal });
    publish(bus, 2);
    assert.deepEqual(read(subscription), []);
    assert.deepEqual(read(other), []);
    assert.equal(bus.stats().subscribers, 0);
  },
);

test("ready() resolves once for all events of one turn", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const subscription = bus.subscribe();
  let woken = 0;
  const waiting = subscription.ready().then((ready) => {
    woken++;
    assert.equal(ready, true);
    assert.equal(read(subscription).length, 100);
  });
  publish(bus, 100);
  assert.equal(woken, 0, "does not resolve before the publisher has returned");
  await waiting;
  assert.equal(woken, 1);
});

test("ready() does not resolve for events of other topics", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const some = bus.subscribe({ topics: ["b"] });
  let ready = false;
  const waiting = some.ready().then(() => ready = true);
  publish(bus, 10);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(ready, false);
  bus.publish("b", 1);
  await waiting;
  assert.deepEqual(read(some), [11]);
});

test(
  "a subscriber that throws does not affect others",
  { timeout },
  async () => {
    const bus = createBus<Topics>();
    const failing = (async () => {
      for await (const _ of bus.subscribe()) throw new Error("subscriber");
    })();
    const healthy = (async () => {
      let count = 0;
      for await (const _ of bus.subscribe()) if (++count === 20) break;
      return count;
    })();
    publish(bus, 10);
    await assert.rejects(failing, /subscriber/);
    publish(bus, 10);
    assert.equal(await healthy, 20);
    assert.equal(bus.stats().subscribers, 0);
  },
);

test("1000 subscribers get all events, and publish() does not wait for them", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const readers = Array.from({ length: 1000 }, async () => {
    let sum = 0;
    for await (const event of bus.subscribe()) {
      if (event.gap === undefined) sum += event.id;
    }
    return sum;
  });
  for (let burst = 0; burst < 10; burst++) {
    publish(bus, 10);
    await new Promise((resolve) => setTimeout(resolve));
  }
  bus.close();
  assert.deepEqual(new Set(await Promise.all(readers)), new Set([5050]));
});

test("ready() resolves for all of its callers", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const subscription = bus.subscribe();
  const both = Promise.all([subscription.ready(), subscription.ready()]);
  publish(bus, 1);
  assert.deepEqual(await both, [true, true]);
});

test("read() reports lost backlog and lost live events as one gap", () => {
  const bus = createBus<Topics>({ capacity: 3 });
  bus.publish("b", 0);
  publish(bus, 2);
  using some = bus.subscribe({ after: 0, buffer: 1, topics: ["b"] });
  publish(bus, 2, "b");
  assert.equal(some.lost, 2);
  assert.deepEqual(read(some), ["lagged:1-4/2", 5]);
});

test("events lost after cancel() count once their gap is read", () => {
  const bus = createBus<Topics>({ capacity: 4 });
  const subscription = bus.subscribe({ buffer: 3 });
  publish(bus, 4);
  subscription.cancel();
  assert.equal(bus.stats().lost, 1);
  publish(bus, 3);
  assert.deepEqual(read(subscription), ["lagged:1-3/3", 4]);
  assert.deepEqual([subscription.lost, bus.stats().lost], [3, 3]);
});

test("cancel() leaves no listener on the signal of the subscriber", () => {
  const bus = createBus<Topics>();
  const { controller, signal, listeners } = countedSignal();
  const first = bus.subscribe({ signal });
  const second = bus.subscribe({ signal });
  assert.equal(listeners(), 2);
  first.cancel();
  assert.equal(listeners(), 1);
  publish(bus, 1);
  bus.close();
  assert.equal(listeners(), 0);
  controller.abort();
  assert.deepEqual(read(first), []);
  assert.deepEqual(read(second), [1], "an abort after the end has no effect");
});

/** Runs `work` and returns how many microtasks the bus has queued in it. */
function microtasksOf(work: () => void): number {
  const queue = globalThis.queueMicrotask;
  let count = 0;
  globalThis.queueMicrotask = (callback) => {
    count++;
    queue(callback);
  };
  try {
    work();
  } finally {
    globalThis.queueMicrotask = queue;
  }
  return count;
}

test("publish() queues one microtask per turn, and only for waiting subscribers", async () => {
  const bus = createBus<Topics>();
  using waiting = bus.subscribe();
  assert.equal(microtasksOf(() => publish(bus, 3)), 0, "nobody waits");
  assert.deepEqual(read(waiting), [1, 2, 3]);
  const ready = waiting.ready();
  assert.equal(microtasksOf(() => publish(bus, 3)), 1);
  assert.equal(await ready, true);
  assert.deepEqual(read(waiting), [4, 5, 6]);
  const cancelled = waiting.ready();
  waiting.cancel();
  assert.equal(await cancelled, false);
  assert.equal(microtasksOf(() => publish(bus, 1)), 0, "none after cancel()");
});

test("subscribe() with an aborted signal returns a cancelled subscription", () => {
  const bus = createBus<Topics>();
  publish(bus, 2);
  const subscription = bus.subscribe({ after: 0, signal: AbortSignal.abort() });
  assert.equal(subscription.cancelled, true);
  assert.deepEqual(read(subscription), []);
  assert.equal(bus.stats().subscribers, 0);
});

test("lost does not change on abort", () => {
  const bus = createBus<Topics>();
  const stop = new AbortController();
  const slow = bus.subscribe({ buffer: 1, signal: stop.signal });
  publish(bus, 3);
  assert.equal(slow.lost, 2);
  stop.abort();
  assert.equal(slow.lost, 2);
  assert.equal(bus.stats().lost, 2);
});

test("read() reports no restart after an abort", () => {
  const bus = createBus<Topics>();
  const stop = new AbortController();
  const { signal } = stop;
  const back = bus.subscribe({ after: "before:7", signal });
  stop.abort();
  assert.deepEqual(read(back), []);
});
