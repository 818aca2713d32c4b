/** Waking waiting subscribers: one microtask per burst, none without them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { withGlobals } from "../platform/fixtures.ts";

test("publish() queues one microtask per burst, and none without a waiter", async () => {
  const bus = createBus<{ a: number }>();
  const subscription = bus.subscribe();
  const queued: (() => void)[] = [];
  const queueMicrotask = (work: () => void) => void queued.push(work);
  const burst = () =>
    withGlobals({ queueMicrotask }, () => {
      for (let i = 0; i < 3; i++) bus.publish("a", i);
    });
  burst();
  assert.equal(queued.length, 0);
  while (subscription.read() !== undefined);
  const ready = subscription.ready();
  burst();
  assert.equal(queued.length, 1);
  queued[0]!();
  assert.equal(await ready, true);
});
