/** A body that is written as its reader pulls, and lets go of one that stops. */

type Bytes = Uint8Array<ArrayBuffer>;

/** How a body can end: a fault of its own is told of as `abandoned`, too. */
export type Ending = "served" | "abandoned";

/**
 * Streams the batches that `next` gives, of one piece or more, until it gives
 * none.
 *
 * `ended` is told once: `served` when all was handed over, `abandoned` when the
 * reader went away, or read nothing for `patience` seconds, which is an error
 * of the stream, as is what `next` throws.
 */
export function patientStream(
  next: () => Promise<readonly Bytes[] | undefined>,
  patience: number,
  ended: (ending: Ending) => void,
): ReadableStream<Bytes> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const end = (ending: Ending): void => {
    clearTimeout(timer);
    if (isOver) return; // it is told once
    isOver = true;
    ended(ending);
  };
  // From the start on: a body may be dropped before anybody has read of it.
  const start = (controller: ReadableStreamDefaultController<Bytes>): void => {
    timer = setTimeout(() => {
      const reason = `nobody has read on within ${patience} s`;
      controller.error(new DOMException(reason, "TimeoutError"));
      end("abandoned");
    }, patience * 1000);
  };
  const pull = async (
    controller: ReadableStreamDefaultController<Bytes>,
  ): Promise<void> => {
    clearTimeout(timer);
    let batch: readonly Bytes[] | undefined;
    try {
      batch = await next();
    } catch (error) {
      end("abandoned");
      throw error;
    }
    if (isOver) return; // the reader left while it was written
    if (batch === undefined) {
      controller.close();
      return end("served");
    }
    for (const piece of batch) {
      controller.enqueue(piece);
      if (isOver) return; // a server that is handed a piece may cancel at once
    }
    start(controller);
  };
  const cancel = (): void => end("abandoned");
  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
}
