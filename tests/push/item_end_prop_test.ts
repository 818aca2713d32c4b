/** The law of ends: each item of a delivery has one, and the counts agree. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../support/property.ts";
import { Delivery } from "../../src/push/delivery.ts";
import type { ItemEnd, SendOutcome } from "../../src/push/send_outcome.ts";
import { PushTimers } from "./fixtures.ts";

const error = new Error("no");

const outcome: fc.Arbitrary<SendOutcome> = fc.constantFrom<SendOutcome>(
  { state: "accepted", rejected: 0 },
  { state: "accepted", rejected: 0 },
  { state: "retry", after: undefined, error },
  { state: "retry", after: 4, error },
  { state: "retry", after: undefined, error, isLast: true },
  { state: "tooLarge", error },
  { state: "refused", error },
  { state: "expired", error },
);

type Step = { readonly add: number } | { readonly pass: number } | "flush";

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ add: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ pass: fc.constantFrom(0, 1, 5, 60) }),
  fc.constant("flush" as const),
);

test("law: each item ends once, as it is counted", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.array(outcome, { maxLength: 12 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (steps, outcomes, capacity, batch, stops) => {
        const timers = new PushTimers();
        const ends = new Map<number, ItemEnd>();
        let calls = 0;
        let added = 0;
        const check = () => {
          const { queued, exported, lost, rejected } = delivery.stats();
          const ended = [...ends.values()];
          const countOf = (end: ItemEnd) =>
            ended.filter((one) => one === end).length;
          assert.deepEqual(
            [exported, rejected, lost, queued],
            [
              countOf("exported"),
              countOf("rejected"),
              countOf("lost"),
              added - ended.length,
            ],
          );
        };
        const delivery = new Delivery<number>({
          capacity,
          batch,
          interval: 1,
          timeout: 10,
          timers,
          random: () => 0.5,
          onError: () => check(),
          onEnd: (item, end) => {
            assert.ok(!ends.has(item), `item ${item} ends once`);
            ends.set(item, end);
          },
          send: async () => {
            const { promise, resolve } = Promise.withResolvers<void>();
            timers.after(0.2, resolve); // items come while it is sent
            timers.hung++;
            await promise;
            timers.hung--;
            return outcomes[calls++] ?? { state: "accepted", rejected: 0 };
          },
        });
        const add = (count: number) => {
          for (let i = 0; i < count; i++) delivery.add(++added);
        };
        for (const next of steps) {
          if (next === "flush") void delivery.flush();
          else if ("add" in next) add(next.add);
          else await timers.pass(next.pass);
          check();
        }
        if (stops) delivery.stop();
        const ended = delivery.shutdown(3);
        await timers.pass(3);
        await ended;
        add(1);
        check();
        assert.equal(ends.size, added);
        assert.equal(delivery.stats().queued, 0);
      },
    ),
    { numRuns: 300 },
  );
});
