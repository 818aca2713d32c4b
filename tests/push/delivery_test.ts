/** `Delivery` with numbers as items: batches, splitting, order, timers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Delivery, type DeliveryOptions } from "../../src/push/delivery.ts";
import type { SendOutcome } from "../../src/push/send_outcome.ts";
import { countedSignal } from "../support/counted_signal.ts";
import { PushTimers } from "./fixtures.ts";

const timeout = 120_000;
const accepted: SendOutcome = { state: "accepted", rejected: 0 };

/** Creates a delivery with fake timers; `answer` is the result of each batch. */
function deliver(
  options: Partial<DeliveryOptions<number>> = {},
  answer: (items: readonly number[]) => SendOutcome = () => accepted,
) {
  const timers = new PushTimers();
  const batches: (readonly number[])[] = [];
  const errors: string[] = [];
  const delivery = new Delivery<number>({
    send: (items) => {
      batches.push(items);
      return Promise.resolve(answer(items));
    },
    capacity: 100,
    batch: 8,
    interval: 5,
    timeout: 10,
    timers,
    random: () => 0.5,
    onError: ({ message }) => void errors.push(message),
    ...options,
  });
  const add = (...items: readonly number[]) => {
    for (const item of items) delivery.add(item);
  };
  return { delivery, timers, batches, errors, add };
}

function tooLarge(items: readonly number[]): SendOutcome {
  const error = new Error(`${items.length} items are too large`);
  return { state: "tooLarge", error };
}

test("Delivery splits a batch whose body is too large, without a retry", {
  timeout,
}, async () => {
  const { delivery, timers, batches, errors, add } = deliver(
    {},
    (items) => items.length > 2 ? tooLarge(items) : accepted,
  );
  add(1, 2, 3, 4, 5, 6, 7, 8);
  await timers.pass(0);
  assert.deepEqual(batches.slice(0, 3), [
    [1, 2, 3, 4, 5, 6, 7, 8],
    [1, 2, 3, 4],
    [1, 2],
  ]);
  await timers.pass(60);
  const delivered = batches.filter(({ length }) => length <= 2).flat();
  assert.deepEqual(delivered, [1, 2, 3, 4, 5, 6, 7, 8]);
  const { exported, rejected, retries } = delivery.stats();
  assert.deepEqual([exported, rejected, retries], [8, 0, 0]);
  assert.deepEqual(errors, []);
});

test("Delivery refuses a single item that is too large, and sends the next", {
  timeout,
}, async () => {
  const { delivery, batches, errors, add } = deliver(
    {},
    (items) => items.includes(3) ? tooLarge(items) : accepted,
  );
  add(1, 2, 3, 4, 5);
  assert.equal(await delivery.flush(), true);
  const { exported, rejected, lost } = delivery.stats();
  assert.deepEqual([exported, rejected, lost], [4, 1, 0]);
  assert.deepEqual(errors, ["1 items are too large"]);
  assert.ok(batches.some((items) => items.length === 1 && items[0] === 3));
});

test("Delivery returns to full batches after a split", {
  timeout,
}, async () => {
  let limit = 2;
  const { delivery, batches, add } = deliver(
    { batch: 4 },
    (items) => items.length > limit ? tooLarge(items) : accepted,
  );
  add(1, 2, 3);
  await delivery.flush();
  limit = 4;
  add(4, 5, 6, 7);
  await delivery.flush();
  assert.deepEqual(batches.at(-1), [4, 5, 6, 7]);
});

test("Delivery counts no more items as rejected than were sent", {
  timeout,
}, async () => {
  const { delivery, add } = deliver(
    {},
    () => ({ state: "accepted", rejected: 9 }),
  );
  add(1, 2, 3);
  assert.equal(await delivery.flush(), true);
  const { exported, rejected } = delivery.stats();
  assert.deepEqual([exported, rejected], [0, 3]);
});

test("Delivery sends items in order and repeats a failed batch first", {
  timeout,
}, async () => {
  let down = true;
  const { timers, batches, add } = deliver(
    { capacity: 4, batch: 1 },
    () =>
      down
        ? { state: "retry", after: undefined, error: new Error("down") }
        : accepted,
  );
  add(1);
  await timers.pass(0);
  add(2);
  down = false;
  await timers.pass(60);
  assert.deepEqual(batches, [[1], [1], [2]]);
});

test("Delivery keeps the process alive only while a caller waits", {
  timeout,
}, async () => {
  let outcome: SendOutcome = {
    state: "retry",
    after: undefined,
    error: new Error("down"),
  };
  const { delivery, timers, add } = deliver({}, () => outcome);
  add(1);
  assert.deepEqual([timers.waits, timers.holds], [[5], false]);
  await timers.pass(5);
  assert.deepEqual([timers.waits, timers.holds], [[0.5], false]);
  const flushed = delivery.flush();
  await timers.rest();
  assert.deepEqual([timers.waits[0], timers.holds], [1, true]);
  outcome = accepted;
  await timers.pass(1);
  assert.equal(await flushed, true);
  assert.deepEqual([timers.waits, timers.holds], [[], false]);
});

test("Delivery no longer keeps the process alive for a caller that leaves", {
  timeout,
}, async () => {
  const { delivery, timers, add } = deliver({}, () => ({
    state: "retry",
    after: 300,
    error: new Error("down"),
  }));
  add(1);
  const leaving = new AbortController();
  const flushed = delivery.flush(leaving.signal);
  await timers.rest();
  assert.equal(timers.holds, true);
  leaving.abort();
  assert.equal(await flushed, false);
  assert.deepEqual([timers.waits, timers.holds], [[300], false]);
});

test("Delivery does not keep the process alive for a request", {
  timeout,
}, async () => {
  const { delivery, timers, add } = deliver({
    send: () => {
      timers.hung = 1;
      return new Promise(() => {});
    },
  });
  add(1);
  await timers.pass(5);
  assert.deepEqual([timers.waits, timers.holds], [[10], false]);
  const ended = delivery.shutdown(2);
  assert.equal(timers.holds, true);
  await timers.pass(2);
  assert.equal(await ended, false);
});

test("flush() leaves no listener on the signal of its caller", {
  timeout,
}, async () => {
  const { delivery, add } = deliver();
  const { signal, listeners } = countedSignal();
  add(1);
  const flushed = delivery.flush(signal);
  assert.equal(listeners(), 1);
  assert.equal(await flushed, true);
  assert.equal(listeners(), 0);
});

test("flush() resolves to false as soon as its signal aborts", {
  timeout,
}, async () => {
  const stop = new AbortController();
  const { delivery, timers, add } = deliver({
    send: () => {
      timers.hung = 1;
      return new Promise(() => {});
    },
  });
  add(1);
  const flushed = delivery.flush(stop.signal);
  stop.abort();
  assert.equal(await flushed, false);
  assert.equal(delivery.stats().queued, 1);
});

test("Delivery sends at once when the ring is half full", {
  timeout,
}, async () => {
  const { timers, batches, add } = deliver({ capacity: 7, batch: 100 });
  add(1, 2, 3);
  await timers.pass(0);
  assert.deepEqual(batches, []);
  add(4);
  await timers.pass(0);
  assert.deepEqual(batches, [[1, 2, 3, 4]]);
});

test("Delivery resets the backoff after a success", { timeout }, async () => {
  let down = true;
  const { timers, batches, add } = deliver(
    { batch: 2 },
    () =>
      down
        ? { state: "retry", after: undefined, error: new Error("down") }
        : accepted,
  );
  add(1, 2);
  await timers.pass(0);
  assert.deepEqual(timers.waits, [0.5]);
  down = false;
  await timers.pass(0.5);
  down = true;
  add(3, 4);
  await timers.pass(0); // a full batch is sent at once again
  assert.deepEqual(batches.at(-1), [3, 4]);
  assert.deepEqual(timers.waits, [0.5]); // and the backoff starts again at 1 s
});

test("Delivery sends a single item left over by a full batch", {
  timeout,
}, async () => {
  const { timers, batches, add } = deliver({ batch: 2 });
  add(1, 2, 3);
  await timers.pass(5);
  assert.deepEqual(batches, [[1, 2], [3]]);
});

test("shutdown() ends a pending flush()", { timeout }, async () => {
  const { delivery, timers, add } = deliver({
    send: () => {
      timers.hung = 1;
      return new Promise(() => {});
    },
  });
  add(1);
  const flushed = delivery.flush();
  const ended = delivery.shutdown(2);
  await timers.pass(2);
  assert.deepEqual(await Promise.all([flushed, ended]), [false, false]);
});
