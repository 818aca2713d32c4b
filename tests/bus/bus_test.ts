/** The bus: publishing, capacity, counts, options, types. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus, type SubscribeOptions } from "../../src/bus/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

type Topics = { a: number; b: { readonly text: string } };

test("publish() assigns the next id and the time", () => {
  const clock = new FakeClock(1000);
  const bus = createBus<Topics>({ clock });
  using all = bus.subscribe();
  assert.equal(bus.newest, 0);
  assert.equal(bus.publish("a", 7), 1);
  clock.advance(2.5);
  assert.equal(bus.publish("b", { text: "hi" }), 2);
  assert.equal(bus.publish("a", 8, 12.5), 3);
  assert.equal(bus.newest, 3);
  assert.deepEqual([all.read(), all.read(), all.read(), all.read()], [
    { id: 1, topic: "a", time: 1000, data: 7 },
    { id: 2, topic: "b", time: 1002.5, data: { text: "hi" } },
    { id: 3, topic: "a", time: 12.5, data: 8 },
    undefined,
  ]);
});

test("createBus() has a capacity of 1000 events by default and evicts the oldest", () => {
  for (
    const [options, capacity] of [
      [{}, 1000],
      [{ capacity: 0 }, 1000],
      [{ capacity: -5 }, 1000],
      [{ capacity: 3 }, 3],
    ] as const
  ) {
    const bus = createBus<Topics>(options);
    for (let i = 0; i <= capacity; i++) bus.publish("a", i);
    using all = bus.subscribe({ after: 1 });
    const first = all.read();
    assert.ok(first?.gap === undefined && first?.id === 2);
    assert.equal(bus.stats().capacity, capacity);
    assert.equal(bus.stats().size, capacity);
    assert.equal(bus.stats().evicted, 1);
  }
});

test("stats() counts topics, subscribers and lost events", () => {
  const bus = createBus<Topics>({ capacity: 4 });
  const slow = bus.subscribe({ buffer: 2 });
  const gone = bus.subscribe({ buffer: 1 });
  for (let i = 0; i < 5; i++) bus.publish("a", i);
  bus.publish("b", { text: "" });
  const stats = bus.stats();
  assert.deepEqual([...stats.published], [["a", 5], ["b", 1]]);
  assert.deepEqual(
    { ...stats, published: undefined },
    {
      published: undefined,
      unlisted: 0,
      evicted: 2,
      lost: 4 + 5,
      subscribers: 2,
      size: 4,
      capacity: 4,
    },
  );
  gone.cancel();
  slow.cancel();
  assert.equal(bus.stats().subscribers, 0);
  assert.equal(
    bus.stats().lost,
    4 + 5,
    "lost events of cancelled subscriptions still count",
  );
});

test("createBus() takes an epoch, or makes a random one", () => {
  const [a, b] = [createBus(), createBus()];
  assert.match(a.epoch, /^[0-9a-f]{12}$/);
  assert.notEqual(a.epoch, b.epoch);
  assert.equal(createBus({ epoch: "boot-7" }).position(3), "boot-7:3");
});

test("close() ends all subscriptions after the events already published", async () => {
  const bus = createBus<Topics>();
  const reading = (async () => {
    const ids: number[] = [];
    for await (const event of bus.subscribe()) {
      if (event.gap === undefined) ids.push(event.id);
    }
    return ids;
  })();
  bus.publish("a", 1);
  bus.publish("a", 2);
  bus.close();
  bus.close();
  assert.deepEqual(await reading, [1, 2]);
  assert.equal(bus.publish("a", 3), 3, "publishing still works");
  const late: number[] = [];
  for await (const event of bus.subscribe({ after: 0 })) {
    if (event.gap === undefined) late.push(event.id);
  }
  assert.deepEqual(late, [1, 2, 3]);
  assert.equal(bus.stats().subscribers, 0);
});

test("Bus[Symbol.dispose]() closes the bus", async () => {
  let events: AsyncIterator<unknown>;
  {
    using bus = createBus<Topics>();
    events = bus.subscribe()[Symbol.asyncIterator]();
  }
  assert.equal((await events.next()).done, true);
});

test("createBus() and subscribe() refuse wrong options with advice", () => {
  for (const capacity of [1.5, NaN, 2 ** 25, "9" as unknown as number]) {
    assert.throws(() => createBus({ capacity }), /give a whole number/);
  }
  for (const epoch of ["", "a b", "a:b", "x".repeat(65), 7]) {
    assert.throws(
      () => createBus({ epoch: epoch as string }),
      /give 1 to 64 letters/,
    );
  }
  const bus = createBus<Topics>();
  const wrong: readonly [unknown, RegExp][] = [
    [{ buffer: 0.5 }, /give a whole number/],
    [{ after: NaN }, /give the id of an event/],
    [{ after: "7" }, /give the id of an event/],
    [{ after: {} }, /give the id of an event/],
    [{ topics: "a" }, /give a list of topics/],
    [{ topics: [1] }, /give a list of topics/],
  ];
  for (const [options, advice] of wrong) {
    assert.throws(
      () => bus.subscribe(options as SubscribeOptions<"a">),
      advice,
    );
  }
  assert.equal(bus.stats().subscribers, 0);
});

test("publish() and subscribe() check topics and data by type", () => {
  const bus = createBus<Topics>();
  bus.publish("a", 1);
  // @ts-expect-error: there is no such topic
  bus.publish("c", 1);
  // @ts-expect-error: its data is a number
  bus.publish("a", "1");
  // @ts-expect-error: there is no such topic
  bus.subscribe({ topics: ["c"] });
  using some = bus.subscribe({ topics: ["b"] });
  bus.publish("b", { text: "hi" });
  const event = some.read();
  assert.ok(event !== undefined);
  if (event.gap === undefined) {
    const { text } = event.data;
    assert.equal(text.length, 2);
    // @ts-expect-error: the data of that topic has no such member
    event.data.n;
  }
  using all = bus.subscribe();
  const any = all.read();
  if (any?.gap === undefined && any?.topic === "a") {
    assert.equal(any.data.toFixed(), "1");
  }
});

test("createBus() draws its epoch when it is first read, then keeps it", () => {
  const { crypto } = globalThis;
  let draws = 0;
  const counted = {
    getRandomValues(bytes: Uint8Array<ArrayBuffer>) {
      draws++;
      return crypto.getRandomValues(bytes);
    },
  };
  const replace = (value: unknown) =>
    Object.defineProperty(globalThis, "crypto", { value, configurable: true });
  replace(counted);
  try {
    const bus = createBus();
    bus.publish("a", 1);
    using _ = bus.subscribe({ after: 0 });
    assert.equal(draws, 0);
    const { epoch } = bus;
    assert.match(epoch, /^[0-9a-f]{12}$/);
    assert.equal(bus.position(1), `${epoch}:1`);
    assert.equal(draws, 1);
  } finally {
    replace(crypto);
  }
});
