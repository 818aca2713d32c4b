/** The async iterator of a subscription, called without `for await`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { turn } from "../metrics/fixtures.ts";

type Topics = { a: number };

const timeout = 120_000;

test("return() ends the iterator at once, also while next() is pending", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const events = bus.subscribe()[Symbol.asyncIterator]();
  const waiting = events.next();
  const end = { value: undefined, done: true } as const;
  assert.deepEqual(await events.return!(), end);
  assert.equal(bus.stats().subscribers, 0);
  assert.deepEqual(await waiting, end);
  bus.publish("a", 1);
  assert.deepEqual(await events.next(), end);
});

test("return() leaves waiting events to read()", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const subscription = bus.subscribe();
  const events = subscription[Symbol.asyncIterator]();
  for (let i = 0; i < 3; i++) bus.publish("a", i);
  assert.equal((await events.next()).done, false);
  await events.return!();
  assert.equal((await events.next()).done, true);
  assert.equal(subscription.cursor, 1);
  const next = subscription.read();
  assert.ok(next?.gap === undefined && next?.id === 2);
});

test("next() resolves concurrent calls in order", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const events = bus.subscribe()[Symbol.asyncIterator]();
  const pending = [events.next(), events.next(), events.next(), events.next()];
  for (let i = 0; i < 3; i++) bus.publish("a", i);
  bus.close();
  const results = await Promise.all(pending);
  assert.deepEqual(
    results.map(({ value }) => value?.gap === undefined && value?.id),
    [1, 2, 3, undefined],
  );
  assert.deepEqual(
    results.map(({ done }) => done),
    [false, false, false, true],
  );
});

test("return() in the cancel of a stream removes the subscriber", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const events = bus.subscribe()[Symbol.asyncIterator]();
  const stream = new ReadableStream<unknown>({
    async pull(controller) {
      const { value, done } = await events.next();
      if (!done) controller.enqueue(value);
    },
    async cancel() {
      await events.return!();
    },
  });
  const reader = stream.getReader();
  bus.publish("a", 1);
  assert.equal((await reader.read()).done, false);
  const waiting = reader.read();
  await turn(); // the stream now waits for the next event
  await reader.cancel();
  assert.equal((await waiting).done, true);
  assert.equal(bus.stats().subscribers, 0);
});
