/**
 * One client that reads Server-Sent Events: a body that is filled as it reads.
 *
 * - Messages that the client has not read yet stay where `FeedReader` takes them
 *   from.
 * - At most twice `maxBytes`, plus one message, are buffered for the client.
 */
import type { FeedClient } from "./feed_clients.ts";
import type { Bytes } from "./frames.ts";

/** The messages of one client, read one chunk at a time. */
export interface FeedReader {
  /** Waits for the next message; resolves to false at the end. */
  ready(): Promise<boolean>;
  /**
   * Returns the next messages as one chunk: empty if all of them are hidden,
   * undefined if there are none.
   */
  chunk(): Bytes | undefined;
  /** Ends the sequence after the messages that can still be read. */
  cancel(): void;
}

/** The arguments of a new client. */
export interface SseClientInit {
  readonly reader: FeedReader;
  /** The number of bytes from which on nothing more is buffered. */
  readonly maxBytes: number;
  /** Called once, when the client has ended. */
  readonly onEnd: (client: FeedClient) => void;
}

const encoder = new TextEncoder();
const HELLO: Bytes = encoder.encode("retry: 2000\n\n");
const COMMENT: Bytes = encoder.encode(":\n\n");

/** Headers of an event stream. */
export const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // A proxy that compresses would hold back the feed until a block is full.
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no", // nginx would buffer the feed
};

/** A client that reads Server-Sent Events. */
export class SseClient implements FeedClient {
  /** The body of the response. */
  readonly body: ReadableStream<Bytes>;
  readonly #init: SseClientInit;
  #controller!: ReadableStreamDefaultController<Bytes>;
  #isOpen = true;
  /** The number of bytes that were buffered at the last heartbeat. */
  #buffered = 0;
  /** The number of bytes that were written since the last heartbeat. */
  #written = HELLO.length;

  constructor(init: SseClientInit) {
    this.#init = init;
    this.body = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#controller = controller;
          controller.enqueue(HELLO);
        },
        pull: () => this.#fill(),
        cancel: () => this.#finish(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: init.maxBytes }),
    );
  }

  beat(): boolean {
    const buffered = this.#init.maxBytes - (this.#controller.desiredSize ?? 0);
    const isStuck = buffered > 0 && buffered >= this.#buffered + this.#written;
    this.#buffered = buffered;
    this.#written = 0;
    // Write the comment even right after an event: otherwise the next silence
    // could last almost two heartbeats.
    if (buffered === 0) this.#write(COMMENT);
    return isStuck;
  }

  close(): void {
    this.#init.reader.cancel(); // #fill ends the body after the last event
    if ((this.#controller.desiredSize ?? 0) > 0) return;
    this.#end(); // the client does not read, so do not wait for #fill
  }

  drop(): void {
    // Close cleanly: servers log a stream error, and clients reconnect either
    // way. Frames are never cut.
    this.#end();
  }

  async #fill(): Promise<void> {
    const { reader } = this.#init;
    let hasWritten = false;
    // Loop until something is enqueued: a pull that enqueues nothing is not
    // repeated.
    while (this.#isOpen && !hasWritten) {
      if (!await reader.ready()) return this.#end();
      while (this.#isOpen && (this.#controller.desiredSize ?? 0) > 0) {
        const chunk = reader.chunk();
        if (chunk === undefined) break;
        if (chunk.length === 0) continue;
        this.#write(chunk);
        hasWritten = true;
      }
    }
  }

  #write(bytes: Bytes): void {
    this.#written += bytes.length;
    this.#controller.enqueue(bytes);
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#controller.close();
    this.#finish();
  }

  #finish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#init.reader.cancel();
    this.#init.onEnd(this);
  }
}
