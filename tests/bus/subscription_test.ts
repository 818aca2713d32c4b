/** Subscriptions: backlog, live events, gaps, waiting, cancellation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bus, createBus, type Subscription } from "../../src/bus/mod.ts";
import { countedSignal } from "../support/counted_signal.ts";

type Topics = { a: number; b: number };

const timeout = 30_000;

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

test("`after` takes ids and positions, clamped to the kept events", () => {
  const bus = createBus<Topics>({ capacity: 3, epoch: "e" });
  publish(bus, 5);
  const from = (after: number | string) => {
    using one = bus.subscribe({ after });
    return read(one);
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

test("resuming in another epoch reports a gap, also an empty one", () => {
  const bus = createBus<Topics>();
  using back = bus.subscribe({ after: "before:7" });
  assert.deepEqual(read(back), ["restarted:1-0/0"]);
  publish(bus, 1);
  assert.deepEqual(read(back), [1]);
});

test("a slow subscriber loses the oldest events and gets their exact gap", () => {
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

test("`buffer` does not limit the backlog", () => {
  const bus = createBus<Topics>({ capacity: 50 });
  publish(bus, 40);
  using one = bus.subscribe({ after: 0, buffer: 2 });
  assert.equal(read(one).length, 40);
});

test("the default buffer is 128 events", () => {
  for (const options of [{}, { buffer: 0 }, { buffer: -1 }]) {
    const bus = createBus<Topics>();
    using one = bus.subscribe(options);
    publish(bus, 129);
    assert.equal(read(one)[0], "lagged:1-1/1");
  }
});

test("events of other topics take no buffer and are not missed", () => {
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

test("evicted events of other topics are not missed", () => {
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
  const one = bus.subscribe();
  publish(bus, 2);
  one.cancel();
  one.cancel();
  one[Symbol.dispose]();
  publish(bus, 2);
  assert.equal(one.cancelled, true);
  assert.equal(await one.ready(), true);
  assert.deepEqual(read(one), [1, 2]);
  assert.equal(await one.ready(), false);
  assert.equal(bus.stats().subscribers, 0);
});

test(
  "an abort ends the sequence at once and drops waiting events",
  { timeout },
  async () => {
    const bus = createBus<Topics>();
    const stop = new AbortController();
    const one = bus.subscribe({ signal: stop.signal });
    const waiting = one.ready();
    stop.abort();
    assert.equal(await waiting, false);
    const other = bus.subscribe({ after: 0, signal: stop.signal });
    publish(bus, 2);
    assert.deepEqual(read(one), []);
    assert.deepEqual(read(other), []);
    assert.equal(bus.stats().subscribers, 0);
  },
);

test("ready() wakes up once for all events of one turn", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const one = bus.subscribe();
  let woken = 0;
  const waiting = one.ready().then((ready) => {
    woken++;
    assert.equal(ready, true);
    assert.equal(read(one).length, 100);
  });
  publish(bus, 100);
  assert.equal(woken, 0, "not before the publisher has returned");
  await waiting;
  assert.equal(woken, 1);
});

test("ready() is not woken by events of other topics", {
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

test("two callers of ready() wake up together", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const one = bus.subscribe();
  const both = Promise.all([one.ready(), one.ready()]);
  publish(bus, 1);
  assert.deepEqual(await both, [true, true]);
});

test("lost backlog and lost live events form one gap", () => {
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
  const one = bus.subscribe({ buffer: 3 });
  publish(bus, 4);
  one.cancel();
  assert.equal(bus.stats().lost, 1);
  publish(bus, 3);
  assert.deepEqual(read(one), ["lagged:1-3/3", 4]);
  assert.deepEqual([one.lost, bus.stats().lost], [3, 3]);
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
  assert.deepEqual(read(second), [1], "abort no longer concerns it");
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
  assert.equal(microtasksOf(() => publish(bus, 1)), 0, "it was removed");
});

test("subscribe() with an aborted signal returns an ended subscription", () => {
  const bus = createBus<Topics>();
  publish(bus, 2);
  const one = bus.subscribe({ after: 0, signal: AbortSignal.abort() });
  assert.equal(one.cancelled, true);
  assert.deepEqual(read(one), []);
  assert.equal(bus.stats().subscribers, 0);
});

test("an abort keeps the number of lost events", () => {
  const bus = createBus<Topics>();
  const stop = new AbortController();
  const slow = bus.subscribe({ buffer: 1, signal: stop.signal });
  publish(bus, 3);
  assert.equal(slow.lost, 2);
  stop.abort();
  assert.equal(slow.lost, 2);
  assert.equal(bus.stats().lost, 2);
});

test("an abort drops the gap of an earlier epoch", () => {
  const bus = createBus<Topics>();
  const stop = new AbortController();
  const { signal } = stop;
  const back = bus.subscribe({ after: "before:7", signal });
  stop.abort();
  assert.deepEqual(read(back), []);
});
