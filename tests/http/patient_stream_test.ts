import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ending, patientStream } from "../../src/http/patient_stream.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Batch = readonly Bytes[] | undefined;

const HOUR = 3600;

function batchesOf(...batches: Batch[]): () => Promise<Batch> {
  return () => Promise.resolve(batches.shift());
}

function bytes(...values: number[]): Bytes {
  return Uint8Array.from(values);
}

/** What a stream is made of, for a runtime that does odd things with it. */
interface Source {
  start(controller: Controller): void;
  pull(controller: Controller): Promise<void>;
  cancel(): void;
}

interface Controller {
  enqueue(piece: Bytes): void;
  close(): void;
  error(reason: unknown): void;
}

/** Runs `work` with streams that give away their source, and no real timers. */
async function withSource(
  next: () => Promise<Batch>,
  work: (source: Source) => Promise<void>,
): Promise<{ readonly endings: Ending[]; readonly timers: number }> {
  const endings: Ending[] = [];
  const timers = new Set<unknown>();
  const global = globalThis as Record<string, unknown>;
  const { ReadableStream, setTimeout, clearTimeout } = global;
  let source: Source | undefined;
  global["ReadableStream"] = class {
    constructor(given: Source) {
      source = given;
    }
  };
  global["setTimeout"] = () => {
    const timer = {};
    timers.add(timer);
    return timer;
  };
  global["clearTimeout"] = (timer: unknown) => void timers.delete(timer);
  try {
    patientStream(next, HOUR, (ending) => endings.push(ending));
    await work(source!);
  } finally {
    Object.assign(global, { ReadableStream, setTimeout, clearTimeout });
  }
  return { endings, timers: timers.size };
}

test("a reader that leaves as it is handed a piece leaves no timer behind", async () => {
  for (const pieces of [[bytes(1)], [bytes(1), bytes(2), bytes(3)]]) {
    const { endings, timers } = await withSource(
      batchesOf(pieces),
      async (source) => {
        let isGone = false;
        const controller: Controller = {
          enqueue() {
            if (isGone) throw new TypeError("the stream is closed");
            isGone = true;
            source.cancel(); // as servers do, without waiting for anything
          },
          close: () => assert.fail("it is closed"),
          error: () => assert.fail("nobody listens"),
        };
        source.start(controller);
        await source.pull(controller);
      },
    );
    assert.deepEqual(endings, ["abandoned"]);
    assert.equal(timers, 0, "it would tell of another end");
  }
});

test("a reader that leaves while a batch is written leaves no timer behind", async () => {
  for (const batch of [[bytes(1)], undefined]) {
    const gate: { open?: (batch: Batch) => void } = {};
    const next = () => new Promise<Batch>((resolve) => gate.open = resolve);
    const { endings, timers } = await withSource(next, async (source) => {
      const never = () => assert.fail("it is closed");
      const controller = { enqueue: never, close: never, error: never };
      source.start(controller);
      const pulled = source.pull(controller);
      source.cancel();
      gate.open!(batch);
      await pulled;
    });
    assert.deepEqual(endings, ["abandoned"]);
    assert.equal(timers, 0);
  }
});
