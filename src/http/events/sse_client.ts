/**
 * One Server-Sent Events client of a feed: a body that is filled as the client
 * reads.
 *
 * - Events that the client has not read yet stay in the bus. When the bus evicts
 *   them, the client gets the exact gap.
 * - At most twice `maxBytes`, plus one event, are buffered for the client.
 */
import type { BusEvent, Gap, Subscription } from "../../bus/mod.ts";
import type { Bytes, EventFrames } from "./frames.ts";

/** A client of a feed, as the handler sees it. */
export interface FeedClient {
  /**
   * Called at every heartbeat. Returns whether the client is stuck: it has read
   * nothing since the last heartbeat although bytes were buffered for it.
   */
  beat(): boolean;
  /** Ends the feed after the events that the client can still read. */
  close(): void;
  /** Ends the feed of a client that does not read. */
  drop(): void;
}

/** Target size of a chunk, in bytes; at most `maxBytes`. */
const CHUNK_BYTES = 16 * 1024;

const encoder = new TextEncoder();
const HELLO: Bytes = encoder.encode("retry: 2000\n\n");
const COMMENT: Bytes = encoder.encode(":\n\n");

/** The arguments of a new client of a feed. */
export interface FeedInit<M extends object> {
  readonly subscription: Subscription<BusEvent<M>>;
  readonly frames: EventFrames<M>;
  /** Whether the client reads every topic, so that clients can share chunks. */
  readonly isUnfiltered: boolean;
  readonly maxBytes: number;
  /** Returns unix seconds. */
  readonly now: () => number;
  /** Called once, when the client has ended. */
  readonly onEnd: (client: FeedClient) => void;
}

/** A client that reads Server-Sent Events. */
export class SseClient<M extends object> implements FeedClient {
  /** The body of the response. */
  readonly body: ReadableStream<Bytes>;
  readonly #init: FeedInit<M>;
  #controller!: ReadableStreamDefaultController<Bytes>;
  #isOpen = true;
  /** The number of bytes that were buffered at the last heartbeat. */
  #buffered = 0;
  /** The number of bytes that were written since the last heartbeat. */
  #written = HELLO.length;

  constructor(init: FeedInit<M>) {
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
    this.#init.subscription.cancel(); // #fill ends the body after the last event
    if ((this.#controller.desiredSize ?? 0) > 0) return;
    this.#end(); // the client does not read, so do not wait for #fill
  }

  drop(): void {
    // Close cleanly: servers log a stream error, and clients reconnect either
    // way. Frames are never cut.
    this.#end();
  }

  async #fill(): Promise<void> {
    const { subscription } = this.#init;
    let hasWritten = false;
    // Loop until something is enqueued: a pull that enqueues nothing is not
    // repeated.
    while (this.#isOpen && !hasWritten) {
      if (!await subscription.ready()) return this.#end();
      while (this.#isOpen && (this.#controller.desiredSize ?? 0) > 0) {
        const chunk = this.#nextChunk();
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

  /**
   * Returns the next frames as one chunk: empty if all of them are hidden,
   * undefined if there are none.
   */
  #nextChunk(): Bytes | undefined {
    const { subscription, frames, now, isUnfiltered, maxBytes } = this.#init;
    const target = Math.min(CHUNK_BYTES, maxBytes);
    const parts: Bytes[] = [];
    let bytes = 0;
    let first = 0;
    let last = 0;
    let isShared = isUnfiltered;
    while (bytes < target) {
      const item: BusEvent<M> | Gap | undefined = subscription.read();
      if (item === undefined) break;
      const frame = frames.sse(item, now());
      isShared &&= item.gap === undefined;
      last = item.gap === undefined ? item.id : item.to;
      if (first === 0) first = last;
      if (frame.length > 0) parts.push(frame);
      bytes += frame.length;
    }
    if (first === 0) return undefined;
    return frames.chunk(parts, isShared ? `${first}-${last}` : undefined);
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#controller.close();
    this.#finish();
  }

  #finish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#init.subscription.cancel();
    this.#init.onEnd(this);
  }
}
