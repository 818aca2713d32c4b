/**
 * Writing in time slices: a large exposition must not hold the event loop until
 * it is complete.
 */
import type { Clock, Timers } from "../../base/mod.ts";
import type { Page } from "../../encode/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Writes an exposition batch by batch, each of one or more chunks. */
export type Batches = Generator<readonly Bytes[], void>;

/** The cost of a scrape so far. */
export interface ScrapeCost {
  /** When it began, in seconds of the monotonic clock. */
  readonly start: number;
  /** The longest time in seconds for which it held the event loop. */
  blocked: number;
  /** The number of bytes that were written, before compression. */
  bytes: number;
}

/**
 * Seconds after which a scrape yields to the event loop, in its first second;
 * it may exceed this by one batch. In the second second it is twice as long,
 * and so on, so that the largest scrapes finish, too.
 */
const SLICE = 0.00015;

/**
 * Seconds to rest between two slices, enough to serve pending requests. It must
 * be a timer: with anything else Deno polls its sockets only in every 61st turn.
 */
const REST = 0.001;

/** Reads batches in time slices and records what that costs. */
export class TimeSlicedReader {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #cost: ScrapeCost;
  /** Seconds of work since it last yielded. */
  #busy = 0;

  constructor(clock: Clock, timers: Timers, cost: ScrapeCost) {
    this.#clock = clock;
    this.#timers = timers;
    this.#cost = cost;
  }

  /**
   * Reads batches until the scrape has written `maxBytes` bytes or there are no
   * more.
   */
  async readUpTo(
    maxBytes: number,
    batches: Batches,
  ): Promise<(readonly Bytes[])[]> {
    const read: (readonly Bytes[])[] = [];
    while (this.#cost.bytes < maxBytes) {
      const batch = await this.next(batches);
      if (batch === undefined) break;
      read.push(batch);
    }
    return read;
  }

  /** Reads the next batch that is not empty; undefined at the end. */
  async next(batches: Batches): Promise<readonly Bytes[] | undefined> {
    for (;;) {
      const now = this.#clock.mono();
      if (this.#busy >= SLICE * Math.max(1, now - this.#cost.start)) {
        await new Promise<void>((resolve) => {
          this.#timers.after(REST, resolve, { holds: true });
        });
        this.#busy = 0;
        continue;
      }
      const { value, done } = batches.next();
      this.#busy += this.#clock.mono() - now;
      this.#cost.blocked = Math.max(this.#cost.blocked, this.#busy);
      if (done) return undefined;
      if (value !== undefined && value.length > 0) return value;
    }
  }
}

/** Returns an exposition that has begun with `first`, one chunk per batch. */
export function* asBatches(first: Bytes, rest: Iterable<Bytes>): Batches {
  yield [first];
  for (const chunk of rest) yield [chunk];
}

/** Returns batches as pages, none of which is the page of an earlier scrape. */
export function* asPages(batches: Batches): Generator<readonly Page[], void> {
  for (const batch of batches) {
    yield batch.map((bytes) => ({ bytes, revision: 0 }));
  }
}

/** Returns the same batches and calls `count` for each chunk. */
export function* counted(
  batches: Batches,
  count: (bytes: Bytes) => void,
): Batches {
  for (const batch of batches) {
    for (const bytes of batch) count(bytes);
    yield batch;
  }
}

/** Returns the same batches and calls `count` for each page. */
export function* countedPages(
  batches: Generator<readonly Page[], void>,
  count: (bytes: Bytes) => void,
): Generator<readonly Page[], void> {
  for (const batch of batches) {
    for (const { bytes } of batch) count(bytes);
    yield batch;
  }
}

/** Returns the batches of `first`, then those of `rest`. */
export function* chained(
  first: readonly (readonly Bytes[])[],
  rest: Batches,
): Batches {
  yield* first;
  yield* rest;
}
