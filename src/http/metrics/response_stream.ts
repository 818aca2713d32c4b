/** A response body that is written on demand and has a read timeout. */
import type { Cancel, Timers } from "../../base/mod.ts";
import type { BodyReader, BodyReaders } from "./body_readers.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The outcome of a body. An error while writing counts as `abandoned`, too. */
export type StreamOutcome = "served" | "abandoned";

/** The arguments of a streamed body. */
export interface StreamInit {
  /** Resolves to the next chunks, to undefined at the end. */
  readonly next: () => Promise<readonly Bytes[] | undefined>;
  /** Seconds that a reader may pause. */
  readonly timeout: number;
  readonly timers: Timers;
  /** The bodies among which this one has a place; see `makeRoom`. */
  readonly readers: BodyReaders;
  /** Called once, when the body has ended. */
  readonly onEnd: (outcome: StreamOutcome) => void;
}

/**
 * Returns a stream of the chunks that `next` resolves to. `next` is called only
 * when the reader pulls.
 *
 * `onEnd` is called exactly once: with `served` when all chunks were enqueued,
 * with `abandoned` when the reader cancelled, when it did not read for `timeout`
 * seconds or had to make room for another one (the stream then fails with a
 * `TimeoutError`), or when `next` rejected.
 */
export function responseStream(
  { next, timeout, timers, readers, onEnd }: StreamInit,
): ReadableStream<Bytes> {
  let stream!: ReadableStreamDefaultController<Bytes>;
  let cancelTimer: Cancel = () => {};
  let isOver = false;
  const end = (outcome: StreamOutcome): void => {
    cancelTimer();
    if (isOver) return;
    isOver = true;
    readers.remove(reader);
    onEnd(outcome);
  };
  const fail = (reason: string): void => {
    stream.error(readError(reason));
    end("abandoned");
  };
  const reader: BodyReader = {
    cut: () => fail("scrape: the reader paused, and others came"),
  };
  const wait = (): void => {
    // Does not hold the process: with the process, the body ends as well.
    cancelTimer = timers.after(timeout, () => {
      fail(`scrape: the reader paused for more than ${timeout} s`);
    });
  };
  // The timer also runs at the start: a body may be dropped before its first
  // read.
  const start = (controller: ReadableStreamDefaultController<Bytes>): void => {
    stream = controller;
    readers.add(reader);
    wait();
  };
  const pull = async (
    controller: ReadableStreamDefaultController<Bytes>,
  ): Promise<void> => {
    cancelTimer();
    readers.resume(reader);
    let chunks: readonly Bytes[] | undefined;
    try {
      chunks = await next();
    } catch (error) {
      end("abandoned");
      throw error;
    }
    if (isOver) return; // the reader cancelled while `next` ran
    if (chunks === undefined) {
      controller.close();
      return end("served");
    }
    for (const chunk of chunks) {
      controller.enqueue(chunk);
      if (isOver) return; // a server may cancel from within enqueue()
    }
    readers.pause(reader);
    wait();
  };
  const cancel = (): void => end("abandoned");
  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
}

/** Returns an error without a stack trace, which Deno would write to its log. */
function readError(reason: string): DOMException {
  const error = new DOMException(reason, "TimeoutError");
  const stack = { value: `${error.name}: ${reason}`, configurable: true };
  return Object.defineProperty(error, "stack", stack);
}
