/** A response body that is written on demand and has a read timeout. */
import type { Cancel, Timers } from "../../base/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The outcome of a body. An error while writing counts as `abandoned`, too. */
export type StreamOutcome = "served" | "abandoned";

/**
 * Returns a stream of the chunks that `next` resolves to; it ends when `next`
 * resolves to undefined. `next` is called only when the reader pulls.
 *
 * `onEnd` is called exactly once: with `served` when all chunks were enqueued,
 * with `abandoned` when the reader cancelled or did not read for `timeout`
 * seconds (the stream then fails with a `TimeoutError`), or when `next`
 * rejected.
 */
export function responseStream(
  next: () => Promise<readonly Bytes[] | undefined>,
  timeout: number,
  timers: Timers,
  onEnd: (outcome: StreamOutcome) => void,
): ReadableStream<Bytes> {
  let cancelTimer: Cancel = () => {};
  let isOver = false;
  const end = (outcome: StreamOutcome): void => {
    cancelTimer();
    if (isOver) return;
    isOver = true;
    onEnd(outcome);
  };
  // Also called at the start: a body may be dropped before its first read.
  const start = (controller: ReadableStreamDefaultController<Bytes>): void => {
    cancelTimer = timers.after(timeout, () => {
      const reason = `the reader paused for more than ${timeout} s`;
      controller.error(new DOMException(reason, "TimeoutError"));
      end("abandoned");
    }, { holds: true });
  };
  const pull = async (
    controller: ReadableStreamDefaultController<Bytes>,
  ): Promise<void> => {
    cancelTimer();
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
    start(controller);
  };
  const cancel = (): void => end("abandoned");
  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
}
