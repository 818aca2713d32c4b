/** A body that is written as its reader pulls, and lets go of one that stops. */

type Bytes = Uint8Array<ArrayBuffer>;

/** How a reader can leave a body. */
export type Ending = "served" | "abandoned";

/**
 * Streams what `next` gives until it gives nothing.
 *
 * `ended` is told once: `served` when all was handed over, `abandoned` when the
 * reader went away, or read nothing for `patience` seconds, which is an error
 * of the stream.
 */
export function patientStream(
  next: () => Bytes | undefined,
  patience: number,
  ended: (ending: Ending) => void,
): ReadableStream<Bytes> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // From the start on: a body may be dropped before anybody has read of it.
  const start = (controller: ReadableStreamDefaultController<Bytes>): void => {
    timer = setTimeout(() => {
      const reason = `nobody has read on within ${patience} s`;
      controller.error(new DOMException(reason, "TimeoutError"));
      ended("abandoned");
    }, patience * 1000);
  };
  const pull = (controller: ReadableStreamDefaultController<Bytes>): void => {
    clearTimeout(timer);
    const chunk = next();
    if (chunk === undefined) {
      controller.close();
      return ended("served");
    }
    controller.enqueue(chunk);
    start(controller);
  };
  const cancel = (): void => {
    clearTimeout(timer);
    ended("abandoned");
  };
  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
}
