/** Resuming with topics after evicted events: their topics are unknown. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { createBus } from "../../src/bus/mod.ts";

type Topics = { a: number; b: number; c: number };

const topic = fc.constantFrom<keyof Topics>("a", "b", "c");
const many = fc.array(topic, { maxLength: 40, size: "max" });

test("law: resuming with topics reports at least the lost events, and at most the evicted ones", () => {
  fc.assert(
    fc.property(
      many,
      many,
      fc.integer({ min: 1, max: 12 }),
      fc.nat(40),
      fc.uniqueArray(topic),
      (before, later, capacity, back, topics) => {
        const bus = createBus<Topics>({ capacity });
        for (const topic of before) bus.publish(topic, 0);
        const after = Math.max(0, before.length - back);
        using some = bus.subscribe({ after, topics, buffer: capacity });
        const unknown = Math.max(0, before.length - capacity - after);
        const known = some.lost;
        assert.ok(known <= unknown);
        for (const topic of later) bus.publish(topic, 0);
        const all = [...before, ...later];
        const matching = all.map((topic, at) => ({ id: at + 1, topic }))
          .filter(({ id, topic }) => id > after && topics.includes(topic));
        const oldest = Math.max(1, all.length - capacity + 1);
        const readable = matching.filter(({ id }) => id >= oldest)
          .map(({ id }) => id);
        const lost = matching.length - readable.length;
        const total = some.lost;
        assert.ok(total >= lost, `${total} reported, ${lost} lost`);
        assert.ok(total <= all.length - after - readable.length);
        const ids: number[] = [];
        let missed = 0;
        let cursor = after;
        for (let next = some.read(); next; next = some.read()) {
          if (next.gap === undefined) {
            ids.push(next.id);
            cursor = next.id;
          } else {
            assert.ok(next.from > cursor && next.to >= next.from);
            assert.ok(next.missed <= next.to - next.from + 1);
            assert.equal(next.gap, unknown > 0 ? "expired" : "lagged");
            missed += next.missed;
            cursor = next.to;
          }
        }
        assert.deepEqual(ids, readable);
        assert.equal(missed, total, "gaps add up to the lost events");
        assert.equal(some.lost, total);
        assert.equal(bus.stats().lost, total);
      },
    ),
    { numRuns: 3000 },
  );
});

test("law: events lost after cancel() count once their gap is read", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.tuple(fc.nat(6), fc.nat(3)), { maxLength: 12 }),
      fc.nat(12),
      (capacity, steps, cancelAt) => {
        const bus = createBus<Topics>({ capacity });
        const subscription = bus.subscribe({ buffer: capacity });
        let seen = 0;
        for (const [at, [published, read]] of steps.entries()) {
          if (at === cancelAt) subscription.cancel();
          for (let i = 0; i < published; i++) bus.publish("a", i);
          for (let i = 0; i < read; i++) {
            const next = subscription.read();
            if (next !== undefined) seen += next.gap === undefined ? 1 : 0;
          }
        }
        subscription.cancel();
        const end = subscription.lost + seen;
        for (let next = subscription.read(); next; next = subscription.read()) {
          if (next.gap === undefined) seen++;
        }
        assert.ok(subscription.lost + seen >= end);
        assert.equal(bus.stats().lost, subscription.lost);
      },
    ),
    { numRuns: 2000 },
  );
});
