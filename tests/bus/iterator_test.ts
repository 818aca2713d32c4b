/** The async iterator of a subscription, driven by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import { turn } from "../metrics/fixtures.ts";

type Topics = { a: number };

const timeout = 10_000;

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

test("an ended iterator leaves waiting events to read()", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const one = bus.subscribe();
  const events = one[Symbol.asyncIterator]();
  for (let i = 0; i < 3; i++) bus.publish("a", i);
  assert.equal((await events.next()).done, false);
  await events.return!();
  assert.equal((await events.next()).done, true);
  assert.equal(one.cursor, 1);
  const next = one.read();
  assert.ok(next?.gap === undefined && next?.id === 2);
});

test("concurrent calls of next() resolve in order", {
  timeout,
}, async () => {
  const bus = createBus<Topics>();
  const events = bus.subscribe()[Symbol.asyncIterator]();
  const pending = [events.next(), events.next(), events.next(), events.next()];
  for (let i = 0; i < 3; i++) bus.publish("a", i);
  bus.close();
  const answers = await Promise.all(pending);
  assert.deepEqual(
    answers.map(({ value }) => value?.gap === undefined && value?.id),
    [1, 2, 3, undefined],
  );
  assert.deepEqual(
    answers.map(({ done }) => done),
    [false, false, false, true],
  );
});

test("cancelling a stream over a subscription removes the subscriber", {
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
