/**
 * One client of a feed by Server-Sent Events: a body that is filled as it is
 * read.
 *
 * - What it does not take in time stays in the bus, and is gone when the bus
 *   forgets it: the client then gets the exact gap.
 * - At most `maxBytes`, and one piece, wait for it here.
 */
import type { BusEvent, Gap, Subscription } from "../bus/mod.ts";
import type { Bytes, EventFrames } from "./event_frames.ts";

/** A client of a feed, as its handler sees it. */
export interface FeedClient {
  /**
   * Called at every heartbeat. Returns whether it has waited without reading
   * since the last one, although something was there to read.
   */
  beat(): boolean;
  /** Ends the feed, in good order. */
  close(): void;
  /** Ends the feed of a client that does not read. */
  drop(): void;
}

/** Bytes that are put together to one piece. */
const PIECE = 16 * 1024;

const encoder = new TextEncoder();
const HELLO: Bytes = encoder.encode("retry: 2000\n\n");
const COMMENT: Bytes = encoder.encode(":\n\n");

/** What a client of a feed is made of. */
export interface FeedInit<M extends object> {
  readonly subscription: Subscription<BusEvent<M>>;
  readonly frames: EventFrames<M>;
  /** Whether it reads every topic, hence the same pieces as others. */
  readonly whole: boolean;
  readonly maxBytes: number;
  /** Unix seconds. */
  readonly now: () => number;
  /** Called once, when the client is gone. */
  readonly ended: (client: FeedClient) => void;
}

/** A client of an event stream. */
export class EventStream<M extends object> implements FeedClient {
  /** The body of the answer. */
  readonly body: ReadableStream<Bytes>;
  readonly #init: FeedInit<M>;
  #controller!: ReadableStreamDefaultController<Bytes>;
  #open = true;
  /** Bytes that waited at the last heartbeat, and that were written since. */
  #waited = 0;
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
    const waiting = this.#init.maxBytes - (this.#controller.desiredSize ?? 0);
    const isStuck = waiting > 0 && waiting >= this.#waited + this.#written;
    this.#waited = waiting;
    this.#written = 0;
    // Also after an event: the silence since may be almost a heartbeat long.
    if (waiting === 0) this.#write(COMMENT);
    return isStuck;
  }

  close(): void {
    this.#init.subscription.cancel(); // `#fill` ends it after what was there
    if ((this.#controller.desiredSize ?? 0) > 0) return;
    this.#end(); // it does not read: there is nothing to wait for
  }

  drop(): void {
    // In good order, as frames are whole: of an error, servers make a log
    // entry, or worse, and clients come back after the one as after the other.
    this.#end();
  }

  async #fill(): Promise<void> {
    const { subscription } = this.#init;
    let wrote = false;
    // Until something is written: after nothing, nobody would pull again.
    while (this.#open && !wrote) {
      if (!await subscription.ready()) return this.#end();
      while (this.#open && (this.#controller.desiredSize ?? 0) > 0) {
        const piece = this.#next();
        if (piece === undefined) break;
        if (piece.length === 0) continue;
        this.#write(piece);
        wrote = true;
      }
    }
  }

  #write(bytes: Bytes): void {
    this.#written += bytes.length;
    this.#controller.enqueue(bytes);
  }

  /** Some frames at once; empty if all are hidden, undefined if none are. */
  #next(): Bytes | undefined {
    const { subscription, frames, now, whole } = this.#init;
    const pieces: Bytes[] = [];
    let bytes = 0;
    let first = 0;
    let last = 0;
    let shared = whole;
    while (bytes < PIECE) {
      const item: BusEvent<M> | Gap | undefined = subscription.read();
      if (item === undefined) break;
      const frame = frames.sse(item, now());
      shared &&= item.gap === undefined;
      last = item.gap === undefined ? item.id : item.to;
      if (first === 0) first = last;
      if (frame.length > 0) pieces.push(frame);
      bytes += frame.length;
    }
    if (first === 0) return undefined;
    return frames.piece(pieces, shared ? `${first}-${last}` : undefined);
  }

  #end(): void {
    if (!this.#open) return;
    this.#controller.close();
    this.#finish();
  }

  #finish(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#init.subscription.cancel();
    this.#init.ended(this);
  }
}
