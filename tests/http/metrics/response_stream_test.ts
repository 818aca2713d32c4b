import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyReaders } from "../../../src/http/metrics/body_readers.ts";
import {
  responseStream,
  type StreamOutcome,
} from "../../../src/http/metrics/response_stream.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Batch = readonly Bytes[] | undefined;

const TIMEOUT = 8;

function batchesOf(...batches: Batch[]): () => Promise<Batch> {
  return () => Promise.resolve(batches.shift());
}

function bytes(...values: number[]): Bytes {
  return Uint8Array.from(values);
}

function setUp(
  next: () => Promise<Batch>,
  readers: BodyReaders = new BodyReaders(1),
) {
  const timers = new FakeTimers();
  const outcomes: StreamOutcome[] = [];
  const stream = responseStream({
    next,
    timeout: TIMEOUT,
    timers,
    readers,
    onEnd: (outcome) => {
      outcomes.push(outcome);
      assert.equal(readers.count, 0, "its place is free");
    },
  });
  return { timers, outcomes, stream, readers };
}

/** The underlying source of a stream, for a runtime that misuses it. */
interface Underlying {
  start(controller: Controller): void;
  pull(controller: Controller): Promise<void>;
  cancel(): void;
}

interface Controller {
  enqueue(chunk: Bytes): void;
  close(): void;
  error(reason: unknown): void;
}

/** Like `setUp`, but returns the underlying source instead of the stream. */
function setUpUnderlying(next: () => Promise<Batch>) {
  const global = globalThis as Record<string, unknown>;
  const { ReadableStream } = global;
  let underlying: Underlying | undefined;
  global["ReadableStream"] = class {
    constructor(given: Underlying) {
      underlying = given;
    }
  };
  try {
    const { timers, outcomes } = setUp(next);
    return { timers, outcomes, underlying: underlying! };
  } finally {
    Object.assign(global, { ReadableStream });
  }
}

test("responseStream() streams all chunks and calls onEnd once, with served", async () => {
  const { stream, outcomes, timers } = setUp(
    batchesOf([bytes(1), bytes(2)], [bytes(3)], undefined),
  );
  const body = new Uint8Array(await new Response(stream).arrayBuffer());
  assert.deepEqual([...body], [1, 2, 3]);
  await stream.cancel().catch(() => {});
  assert.deepEqual(outcomes, ["served"]);
  assert.equal(timers.pending, 0);
});

test("responseStream() calls next() only when the reader pulls", async () => {
  let calls = 0;
  const { stream } = setUp(() => Promise.resolve([bytes(++calls)]));
  const reader = stream.getReader();
  assert.equal(calls, 0);
  await reader.read();
  assert.equal(calls, 1);
  await reader.cancel();
});

test("responseStream() abandons a body that is never read", async () => {
  const { stream, outcomes, timers } = setUp(batchesOf([bytes(1)]));
  timers.advance(TIMEOUT - 0.001);
  assert.deepEqual(outcomes, []);
  assert.equal(timers.holding, 0, "a body alone does not keep the process");
  timers.advance(0.001);
  assert.deepEqual(outcomes, ["abandoned"]);
  assert.equal(timers.pending, 0);
  await assert.rejects(stream.getReader().read(), {
    name: "TimeoutError",
    message: "scrape: the reader paused for more than 8 s",
    stack: "TimeoutError: scrape: the reader paused for more than 8 s",
  });
  assert.deepEqual(outcomes, ["abandoned"]);
});

test("responseStream() abandons a reader that stops, after the timeout", async () => {
  const { stream, outcomes, timers } = setUp(
    batchesOf([bytes(1)], [bytes(2)], [bytes(3)]),
  );
  const reader = stream.getReader();
  for (let i = 0; i < 2; i++) {
    await reader.read();
    timers.advance(TIMEOUT - 0.001); // each read restarts it
    assert.deepEqual(outcomes, []);
  }
  timers.advance(0.001);
  assert.deepEqual(outcomes, ["abandoned"]);
  await assert.rejects(reader.closed, /the reader paused for more than 8 s/);
});

test("responseStream() serves a body that takes longer than the timeout", async () => {
  const { stream, outcomes, timers } = setUp(
    batchesOf(...Array.from({ length: 10 }, () => [bytes(1)]), undefined),
  );
  const reader = stream.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    timers.advance(TIMEOUT / 2);
  }
  assert.equal(length, 10);
  assert.deepEqual(outcomes, ["served"]);
  assert.equal(timers.pending, 0);
});

test("responseStream() does not count the time that next() takes", async () => {
  const called = Promise.withResolvers<void>();
  const batch = Promise.withResolvers<Batch>();
  const { stream, outcomes, timers } = setUp(() => {
    called.resolve();
    return batch.promise;
  });
  const read = stream.getReader().read();
  await called.promise;
  timers.advance(100 * TIMEOUT);
  assert.deepEqual(outcomes, []);
  batch.resolve([bytes(1)]);
  assert.deepEqual((await read).value, bytes(1));
});

test("responseStream() fails with the error of next() and calls onEnd with abandoned", async () => {
  const { stream, outcomes, timers } = setUp(() =>
    Promise.reject(new Error("broken"))
  );
  await assert.rejects(stream.getReader().read(), /broken/);
  assert.deepEqual(outcomes, ["abandoned"]);
  assert.equal(timers.pending, 0);
});

test("responseStream() stops if a server cancels within enqueue()", async () => {
  for (const chunks of [[bytes(1)], [bytes(1), bytes(2), bytes(3)]]) {
    const { underlying, outcomes, timers } = setUpUnderlying(batchesOf(chunks));
    let isCancelled = false;
    const controller: Controller = {
      enqueue() {
        if (isCancelled) throw new TypeError("the stream is closed");
        isCancelled = true;
        underlying.cancel();
      },
      close: () => assert.fail("close() after cancel()"),
      error: () => assert.fail("error() after cancel()"),
    };
    underlying.start(controller);
    await underlying.pull(controller);
    assert.deepEqual(outcomes, ["abandoned"]);
    assert.equal(timers.pending, 0, "a timer would report a second end");
  }
});

test("responseStream() stops if the reader cancels while next() runs", async () => {
  for (const batch of [[bytes(1)], undefined]) {
    const gate: { open?: (batch: Batch) => void } = {};
    const next = () => new Promise<Batch>((resolve) => gate.open = resolve);
    const { underlying, outcomes, timers } = setUpUnderlying(next);
    const never = () => assert.fail("called after cancel()");
    const controller = { enqueue: never, close: never, error: never };
    underlying.start(controller);
    const pulled = underlying.pull(controller);
    underlying.cancel();
    gate.open!(batch);
    await pulled;
    assert.deepEqual(outcomes, ["abandoned"]);
    assert.equal(timers.pending, 0);
  }
});

test("responseStream() makes room for another body only while its reader pauses", async () => {
  const gates: ((batch: Batch) => void)[] = [];
  const { stream, outcomes, timers, readers } = setUp(() =>
    new Promise((resolve) => gates.push(resolve))
  );
  const reader = stream.getReader();
  const first = reader.read();
  await Promise.resolve();
  assert.equal(readers.makeRoom(), false, "it is being written");
  gates[0]!([bytes(1)]);
  assert.deepEqual((await first).value, bytes(1));
  await Promise.resolve();
  assert.deepEqual(outcomes, []);
  assert.equal(readers.makeRoom(), true);
  assert.deepEqual(outcomes, ["abandoned"]);
  assert.equal(timers.pending, 0);
  await assert.rejects(reader.read(), /the reader paused, and others came/);
});
