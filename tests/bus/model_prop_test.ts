/** The bus compared with a naive model that keeps all events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import {
  type Bus,
  type BusEvent,
  createBus,
  type Gap,
  type Subscription,
} from "../../src/bus/mod.ts";

type Topics = { a: number; b: number; c: number };
type Topic = keyof Topics;
type Item = BusEvent<Topics> | Gap;

interface NaiveEvent {
  readonly id: number;
  readonly topic: Topic;
}

/** A subscriber of the model: queues every event, and drops what it loses. */
interface NaiveReader {
  readonly live: Subscription<BusEvent<Topics>>;
  readonly topics: readonly Topic[] | undefined;
  readonly buffer: number;
  /** Matching events neither read nor reported in a gap, oldest first. */
  backlog: NaiveEvent[];
  queue: NaiveEvent[];
  cursor: number;
  lost: number;
  cancelled: boolean;
}

class NaiveBus {
  readonly events: NaiveEvent[] = [];
  readonly readers: NaiveReader[] = [];
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get oldest(): number {
    return Math.max(1, this.events.length - this.capacity + 1);
  }

  publish(topic: Topic): void {
    const event = { id: this.events.length + 1, topic };
    this.events.push(event);
    for (const reader of this.readers) {
      if (reader.cancelled || reader.topics?.includes(topic) === false) {
        continue;
      }
      reader.queue.push(event);
    }
  }

  /** Returns the events that a reader has lost, and those it can still read. */
  split(reader: NaiveReader): { lost: NaiveEvent[]; readable: NaiveEvent[] } {
    const { oldest } = this;
    const over = Math.max(0, reader.queue.length - reader.buffer);
    const readable = [
      ...reader.backlog.filter(({ id }) => id >= oldest),
      ...reader.queue.filter(({ id }, at) => id >= oldest && at >= over),
    ];
    const lost = [...reader.backlog, ...reader.queue].filter((event) =>
      !readable.includes(event)
    );
    return { lost, readable };
  }
}

interface Model {
  naive: NaiveBus;
  epochs: number;
}

interface Real {
  bus: Bus<Topics>;
}

function start(model: Model, capacity: number): Bus<Topics> {
  model.naive = new NaiveBus(capacity);
  return createBus<Topics>({ capacity, epoch: `e${++model.epochs}` });
}

class Publish implements fc.Command<Model, Real> {
  constructor(readonly topics: readonly Topic[]) {}
  check = () => true;
  run({ naive }: Model, { bus }: Real): void {
    for (const topic of this.topics) {
      naive.publish(topic);
      assert.equal(bus.publish(topic, 0), naive.events.length);
    }
  }
  toString = () => `publish(${this.topics.join("")})`;
}

class Subscribe implements fc.Command<Model, Real> {
  constructor(
    readonly back: number | undefined,
    readonly buffer: number,
    readonly topics: readonly Topic[] | undefined,
  ) {}
  check = () => true;
  run({ naive }: Model, { bus }: Real): void {
    const { back, buffer, topics } = this;
    const newest = naive.events.length;
    const after = back === undefined ? undefined : newest - back;
    // With topics, the gap after an evicted event is only an upper bound.
    const exact = after === undefined || after >= naive.oldest - 1;
    if (topics !== undefined && !exact) return;
    const cursor = Math.min(Math.max(0, after ?? newest), newest);
    naive.readers.push({
      live: bus.subscribe({
        buffer,
        ...(after === undefined ? {} : { after }),
        ...(topics === undefined ? {} : { topics }),
      }),
      topics,
      buffer: Math.min(buffer, naive.capacity),
      backlog: naive.events.filter(({ id, topic }) =>
        id > cursor && topics?.includes(topic) !== false
      ),
      queue: [],
      cursor,
      lost: 0,
      cancelled: false,
    });
  }
  toString = () =>
    `subscribe(-${this.back}, ${this.buffer}, ${this.topics ?? "all"})`;
}

class Read implements fc.Command<Model, Real> {
  constructor(readonly which: number, readonly times: number) {}
  check = ({ naive }: Readonly<Model>) => naive.readers.length > 0;
  run({ naive }: Model): void {
    const reader = naive.readers[this.which % naive.readers.length]!;
    for (let i = 0; i < this.times; i++) readOnce(naive, reader);
  }
  toString = () => `read(${this.which}, ${this.times})`;
}

function readOnce(naive: NaiveBus, reader: NaiveReader): void {
  const { lost, readable } = naive.split(reader);
  const item: Item | undefined = reader.live.read();
  const firstLost = lost[0]?.id ?? Infinity;
  const firstReadable = readable[0]?.id ?? Infinity;
  if (lost.length === 0 && readable.length === 0) {
    return assert.equal(item, undefined);
  }
  assert.ok(item !== undefined);
  if (firstLost < firstReadable) {
    const missing = lost.filter(({ id }) => id < firstReadable);
    assert.ok(item.gap !== undefined, `no gap before ${firstReadable}`);
    assert.equal(item.missed, missing.length);
    assert.ok(item.from > reader.cursor && item.from <= firstLost);
    assert.ok(item.to >= missing.at(-1)!.id && item.to < firstReadable);
    if (reader.topics === undefined) {
      assert.deepEqual([item.from, item.to], [firstLost, missing.at(-1)!.id]);
    }
    reader.lost += item.missed;
    moveTo(reader, item.to);
  } else {
    assert.equal(item.gap, undefined);
    const { id, topic } = readable[0]!;
    assert.deepEqual([item.id, item.topic], [id, topic]);
    moveTo(reader, item.id);
  }
}

function moveTo(reader: NaiveReader, upTo: number): void {
  reader.cursor = upTo;
  reader.backlog = reader.backlog.filter(({ id }) => id > upTo);
  reader.queue = reader.queue.filter(({ id }) => id > upTo);
}

class Cancel implements fc.Command<Model, Real> {
  constructor(readonly which: number) {}
  check = ({ naive }: Readonly<Model>) => naive.readers.length > 0;
  run({ naive }: Model): void {
    const reader = naive.readers[this.which % naive.readers.length]!;
    reader.live.cancel();
    reader.cancelled = true;
  }
  toString = () => `cancel(${this.which})`;
}

/** A new epoch: all events are gone, and resuming reports a gap. */
class Restart implements fc.Command<Model, Real> {
  constructor(readonly capacity: number, readonly published: number) {}
  check = () => true;
  run(model: Model, real: Real): void {
    const before = real.bus.position(real.bus.newest);
    real.bus = start(model, this.capacity);
    for (let i = 0; i < this.published; i++) {
      model.naive.publish("a");
      real.bus.publish("a", i);
    }
    using back = real.bus.subscribe({ after: before });
    const gap = back.read();
    const evicted = model.naive.oldest - 1;
    assert.deepEqual(gap, {
      gap: "restarted",
      from: 1,
      to: evicted,
      missed: evicted,
    });
    for (let id = evicted + 1; id <= this.published; id++) {
      assert.equal((back.read() as BusEvent<Topics>).id, id);
    }
    assert.equal(back.read(), undefined);
  }
  toString = () => `restart(${this.capacity}, ${this.published})`;
}

class CheckStats implements fc.Command<Model, Real> {
  check = () => true;
  run({ naive }: Model, { bus }: Real): void {
    const stats = bus.stats();
    assert.equal(stats.size, Math.min(naive.capacity, naive.events.length));
    assert.equal(stats.evicted, naive.events.length - stats.size);
    assert.equal(
      stats.subscribers,
      naive.readers.filter(({ cancelled }) => !cancelled).length,
    );
    for (const reader of naive.readers) {
      const { lost } = naive.split(reader);
      assert.equal(reader.live.lost, reader.lost + lost.length);
    }
  }
  toString = () => "checkStats";
}

const topic = fc.constantFrom<Topic>("a", "b", "c");
const commands = [
  fc.array(topic, { maxLength: 12, size: "max" }).map((topics) =>
    new Publish(topics)
  ),
  fc.tuple(
    fc.option(fc.integer({ min: -3, max: 20 }), { nil: undefined }),
    fc.integer({ min: 1, max: 8 }),
    fc.option(fc.uniqueArray(topic), { nil: undefined }),
  ).map((args) => new Subscribe(...args)),
  fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 6 }))
    .map((args) => new Read(...args)),
  fc.nat(9).map((which) => new Cancel(which)),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(9))
    .map((args) => new Restart(...args)),
  fc.constant(new CheckStats()),
];

test("law: the bus behaves like the naive model within its capacity", () => {
  fc.assert(
    fc.property(
      fc.commands(commands, { maxCommands: 60, size: "max" }),
      fc.integer({ min: 1, max: 10 }),
      (run, capacity) => {
        const model: Model = { naive: new NaiveBus(capacity), epochs: 0 };
        const real: Real = { bus: start(model, capacity) };
        fc.modelRun(() => ({ model, real }), run);
      },
    ),
    { numRuns: 5000 },
  );
});

test("law: each subscriber gets every id once, as an event or in a gap", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(9), { maxLength: 60, size: "max" }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      async (bursts, capacity, buffer) => {
        const bus = createBus<Topics>({ capacity });
        const readers = [0, 1, 2].map(async (pause) => {
          const ids: number[] = [];
          for await (const item of bus.subscribe({ after: 0, buffer })) {
            if (item.gap === undefined) ids.push(item.id);
            else for (let id = item.from; id <= item.to; id++) ids.push(id);
            for (let i = 0; i < pause; i++) await null;
          }
          return ids;
        });
        for (const burst of bursts) {
          for (let i = 0; i < burst; i++) bus.publish("a", i);
          await null;
        }
        bus.close();
        const expected = Array.from({ length: bus.newest }, (_, i) => i + 1);
        for (const ids of await Promise.all(readers)) {
          assert.deepEqual(ids, expected);
        }
      },
    ),
    { numRuns: 300 },
  );
});
