/**
 * The bus kept the counts of every topic that was ever published or subscribed
 * to, so that names made up as a program runs, or by its clients, took memory
 * forever.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exposeBus } from "../../src/bridge/mod.ts";
import { createBus } from "../../src/bus/mod.ts";
import { MAX_LISTED, Topics } from "../../src/bus/topics.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { valueOf } from "../../src/testing/mod.ts";
import * as fc from "../support/property.ts";

/** A bus whose list of topics is full. */
function fullBus(capacity: number) {
  const bus = createBus<Record<string, unknown>>({ capacity });
  for (let i = 0; i < MAX_LISTED; i++) bus.publish(`listed-${i}`, i);
  return bus;
}

test("a bus lists 1000 topics, and counts the events of all others together", () => {
  const bus = fullBus(10);
  for (let i = 0; i < 50_000; i++) bus.publish(`made-up-${i}`, i);
  bus.publish("listed-3", 1);
  const { published, unlisted } = bus.stats();
  assert.equal(published.size, MAX_LISTED);
  assert.equal(unlisted, 50_000);
  assert.equal(published.get("listed-3"), 2);

  const registry = createRegistry();
  using _ = exposeBus(registry, bus);
  const name = "barograph_events_published_total";
  assert.equal(valueOf(registry, name, { topic: "other" }), 50_000);
  assert.equal(valueOf(registry, name, { topic: "listed-3" }), 2);
});

test("topics that clients select do not fill the list", () => {
  const bus = createBus<Record<string, unknown>>();
  for (let i = 0; i < 5000; i++) {
    bus.subscribe({ topics: [`selected-${i}`] }).cancel();
  }
  bus.publish("real", 1);
  assert.deepEqual([...bus.stats().published], [["real", 1]]);
  assert.equal(bus.stats().unlisted, 0);
});

test("Topics forgets those that nobody reads and whose events are gone", () => {
  const topics = new Topics();
  const made = (count: number) => {
    for (let i = 0; i < count; i++) {
      topics.addPublished(`made-up-${i}`);
      topics.addEvicted(`made-up-${i}`);
    }
  };
  made(100_000);
  assert.ok(topics.size <= 2 * MAX_LISTED, `${topics.size} are kept`);
  assert.equal(topics.unlisted, 100_000 - MAX_LISTED);
});

test("publish() takes topics of any length and type", () => {
  const bus = createBus<Record<string, unknown>>();
  const long = "x".repeat(1_000_000);
  bus.publish(long, 1);
  for (const topic of [undefined, null, 7, Symbol("s"), {}]) {
    bus.publish(topic as unknown as string, 1);
  }
  assert.equal(bus.newest, 6);
  for (const topic of bus.stats().published.keys()) {
    assert.ok(typeof topic === "string" && topic.length <= 256);
  }
  using subscription = bus.subscribe({ after: 0, topics: [long] });
  const event = subscription.read();
  assert.ok(event?.gap === undefined && event?.id === 1);
  assert.equal(subscription.read(), undefined);
});

test("law: a subscriber reads the same beside any number of forgotten topics", () => {
  const command = fc.oneof(
    fc.record({
      kind: fc.constant("publish" as const),
      topic: fc.constantFrom("a", "b"),
    }),
    fc.record({
      kind: fc.constant("flood" as const),
      count: fc.constantFrom(1, 5, 3000),
    }),
    fc.record({ kind: fc.constant("read" as const), count: fc.nat(5) }),
  );
  fc.assert(
    fc.property(
      fc.array(command, { maxLength: 15 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      (commands, capacity, buffer) => {
        // Its list is full, so that "a" and "b" can be forgotten.
        const full = fullBus(capacity);
        const empty = createBus<Record<string, unknown>>({ capacity });
        const offset = full.newest;
        const readers = [full, empty].map((bus) =>
          bus.subscribe({ topics: ["a"], buffer })
        );
        const step = (command: (typeof commands)[number]): void => {
          if (command.kind === "read") {
            for (let i = 0; i < command.count; i++) {
              const [one, other] = readers.map((reader) => reader.read());
              if (one?.gap !== undefined && other?.gap !== undefined) {
                assert.equal(one.missed, other.missed);
                assert.equal(one.to - offset, other.to);
              } else if (one?.gap === undefined && other?.gap === undefined) {
                assert.equal(one && one.id - offset, other?.id);
              } else assert.fail("only one of them is a gap");
            }
            return;
          }
          const count = command.kind === "flood" ? command.count : 1;
          for (let i = 0; i < count; i++) {
            const isFlood = command.kind === "flood";
            full.publish(isFlood ? `flood-${i}` : command.topic, i);
            empty.publish(isFlood ? "c" : command.topic, i);
          }
        };
        for (const command of commands) step(command);
        step({ kind: "read", count: 5 });
        assert.equal(readers[0]!.lost, readers[1]!.lost);
        assert.equal(full.stats().lost, empty.stats().lost);
        // One that resumes learns of a gap at least as large.
        const [gap, exact] = [full, empty].map((bus, i) =>
          bus.subscribe({ after: i === 0 ? offset : 0, topics: ["a"] }).read()
        );
        if (exact?.gap !== undefined) {
          assert.ok(gap?.gap === "expired" && gap.missed >= exact.missed);
        }
      },
    ),
    { numRuns: 100 },
  );
});
