/** The queue of spans of an isolate. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SendOutcome } from "../../src/push/internal.ts";
import { FakeClock, FakeTimers } from "../../src/testing/mod.ts";
import type { SpanRecord } from "../../src/trace/mod.ts";
import { SpanQueue } from "../../src/workers/span_queue.ts";

const span = (name: string) => ({ name }) as SpanRecord;
const accepted: SendOutcome = { state: "accepted", rejected: 0 };
const error = new Error("busy");

/** A queue whose sends are answered one by one. */
function queueOf(capacity = 4) {
  const clock = new FakeClock();
  const timers = new FakeTimers();
  const sent: string[][] = [];
  const answers: PromiseWithResolvers<SendOutcome>[] = [];
  const signals: AbortSignal[] = [];
  const errors: string[] = [];
  const queue = new SpanQueue({
    send(spans, signal) {
      sent.push(spans.map(({ name }) => name));
      signals.push(signal);
      const answer = Promise.withResolvers<SendOutcome>();
      answers.push(answer);
      return answer.promise;
    },
    onError: ({ message }) => {
      errors.push(message);
      throw new Error("of the listener");
    },
    capacity,
    timeout: 10,
    clock,
    timers,
  });
  const add = (names: string) => [...names].map(span).forEach(queue.add);
  return { queue, add, sent, answers, signals, errors, clock, timers };
}

test("flush() sends all waiting spans once", async () => {
  const { queue, add, sent, answers, timers } = queueOf();
  await queue.flush();
  assert.deepEqual(sent, []);
  assert.equal(queue.isEmpty, true);
  add("ab");
  const flushed = queue.flush();
  assert.equal(queue.isEmpty, true);
  add("c");
  assert.deepEqual(sent, [["a", "b"]]);
  assert.equal(queue.stats().queued, 3);
  answers[0]!.resolve({ ...accepted, rejected: 1 });
  await flushed;
  const stats = { queued: 1, exported: 1, lost: 0, rejected: 1, retries: 0 };
  assert.deepEqual(queue.stats(), stats);
  assert.equal(timers.pending, 0);
});

test("beyond the capacity, the oldest spans are lost", async () => {
  const { queue, add, sent } = queueOf(3);
  add("abcde");
  void queue.flush();
  assert.deepEqual(sent, [["c", "d", "e"]]);
  assert.equal(queue.stats().lost, 2);
  await null;
});

test("spans of a failed request are sent again, after the collector's pause", async () => {
  const { queue, add, sent, answers, errors, clock } = queueOf(3);
  add("ab");
  const flushed = queue.flush();
  add("cd");
  answers[0]!.resolve({ state: "retry", after: 30, error });
  await flushed;
  assert.deepEqual(errors, ["busy"]);
  assert.equal(queue.isEmpty, false);
  await queue.flush();
  assert.equal(sent.length, 1);
  clock.advance(30);
  void queue.flush();
  assert.deepEqual(sent[1], ["b", "c", "d"]);
  assert.deepEqual([queue.stats().lost, queue.stats().retries], [1, 1]);
});

test("a request that the runtime has ended counts as lost, and holds nobody up", async () => {
  const { queue, add, sent, answers, clock } = queueOf();
  add("ab");
  const ended = queue.flush();
  add("c");
  clock.advance(10.5);
  await queue.flush();
  assert.equal(sent.length, 1);
  clock.advance(0.5);
  const next = queue.flush();
  assert.deepEqual(sent[1], ["c"]);
  assert.equal(queue.stats().lost, 2);
  answers[0]!.resolve(accepted); // it was only slow
  await ended;
  answers[1]!.resolve(accepted);
  await next;
  const stats = { queued: 0, exported: 1, lost: 2, rejected: 0, retries: 0 };
  assert.deepEqual(queue.stats(), stats);
});

test("a body that is too large is halved, and one span alone is refused", async () => {
  const { queue, add, sent, answers, errors } = queueOf();
  add("abc");
  const outcomes: SendOutcome[] = [
    { state: "tooLarge", error },
    { state: "tooLarge", error },
    { state: "tooLarge", error },
    accepted,
    { state: "refused", error },
  ];
  for (const outcome of outcomes) {
    const flushed = queue.flush();
    answers.at(-1)!.resolve(outcome);
    await flushed;
  }
  assert.deepEqual(sent, [["a", "b", "c"], ["a", "b"], ["a"], ["b", "c"]]);
  assert.deepEqual(errors, ["busy"], "halves are no failure");
  const stats = { queued: 0, exported: 2, lost: 0, rejected: 1, retries: 0 };
  assert.deepEqual(queue.stats(), stats);
});

test("a sender that throws counts as one whose body is too large", async () => {
  const queue = new SpanQueue({
    send: () => {
      throw error;
    },
    onError: () => {},
    capacity: 4,
    timeout: 1,
    clock: new FakeClock(),
    timers: new FakeTimers(),
  });
  queue.add(span("a"));
  await queue.flush();
  assert.equal(queue.stats().rejected, 1);
});

test("a request is aborted at its timeout", async () => {
  const { queue, add, signals, answers, timers } = queueOf();
  add("a");
  const flushed = queue.flush();
  timers.advance(9.9);
  assert.equal(signals[0]!.aborted, false);
  timers.advance(0.1);
  assert.equal(signals[0]!.reason.name, "TimeoutError");
  answers[0]!.resolve({ state: "retry", after: undefined, error });
  await flushed;
  assert.equal(queue.stats().queued, 1);
});
