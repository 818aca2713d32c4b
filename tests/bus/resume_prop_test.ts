/** Resuming with topics after evicted events, whose topics are unknown. */
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
        for (const one of before) bus.publish(one, 0);
        const after = Math.max(0, before.length - back);
        using some = bus.subscribe({ after, topics, buffer: capacity });
        const unknown = Math.max(0, before.length - capacity - after);
        const known = some.lost;
        assert.ok(known <= unknown);
        for (const one of later) bus.publish(one, 0);
        const all = [...before, ...later];
        const wanted = all.map((one, at) => ({ id: at + 1, one }))
          .filter(({ id, one }) => id > after && topics.includes(one));
        const oldest = Math.max(1, all.length - capacity + 1);
        const kept = wanted.filter(({ id }) => id >= oldest)
          .map(({ id }) => id);
        const lost = wanted.length - kept.length;
        const total = some.lost;
        assert.ok(total >= lost, `${total} reported, ${lost} lost`);
        assert.ok(total <= all.length - after - kept.length);
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
        assert.deepEqual(ids, kept);
        assert.equal(missed, total, "gaps add up to the lost events");
        assert.equal(some.lost, total);
        assert.equal(bus.stats().lost, total);
      },
    ),
    { numRuns: 3000 },
  );
});

test("events lost after cancel() count once their gap is read", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.tuple(fc.nat(6), fc.nat(3)), { maxLength: 12 }),
      fc.nat(12),
      (capacity, steps, cancelAt) => {
        const bus = createBus<Topics>({ capacity });
        const one = bus.subscribe({ buffer: capacity });
        let seen = 0;
        for (const [at, [published, read]] of steps.entries()) {
          if (at === cancelAt) one.cancel();
          for (let i = 0; i < published; i++) bus.publish("a", i);
          for (let i = 0; i < read; i++) {
            const next = one.read();
            if (next !== undefined) seen += next.gap === undefined ? 1 : 0;
          }
        }
        one.cancel();
        const end = one.lost + seen;
        for (let next = one.read(); next; next = one.read()) {
          if (next.gap === undefined) seen++;
        }
        assert.ok(one.lost + seen >= end);
        assert.equal(bus.stats().lost, one.lost);
      },
    ),
    { numRuns: 2000 },
  );
});
