/**
 * Reads the events of a bus for one client, in frames of Server-Sent Events.
 *
 * Events that the client has not read yet stay in the bus. When the bus evicts
 * them, the client gets the exact gap.
 */
import type { BusEvent, Gap, Subscription } from "../../bus/mod.ts";
import type { FeedClient } from "./feed_clients.ts";
import type { Bytes, EventFrames } from "./frames.ts";
import type { FeedReader } from "./sse_client.ts";

/** Target size of a chunk, in bytes; at most `maxBytes`. */
const CHUNK_BYTES = 16 * 1024;

/** The arguments of a new client of a feed of events. */
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

/** Reads the events of a subscription. */
export class BusReader<M extends object> implements FeedReader {
  readonly #init: FeedInit<M>;

  constructor(init: FeedInit<M>) {
    this.#init = init;
  }

  ready(): Promise<boolean> {
    return this.#init.subscription.ready();
  }

  chunk(): Bytes | undefined {
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

  cancel(): void {
    this.#init.subscription.cancel();
  }
}
