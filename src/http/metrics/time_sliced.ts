/**
 * Writes in time slices, so that a large exposition does not hold the event loop
 * until it is complete.
 */
import type { Clock, Timers } from "../../base/mod.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An exposition that is written batch by batch; a batch is a list of chunks. */
export type Batches = Generator<readonly Bytes[], void>;

/** The cost of a scrape so far. */
export interface ScrapeCost {
  /** The start of the scrape, in seconds of the monotonic clock. */
  readonly start: number;
  /** The longest time for which the scrape held the event loop, in seconds. */
  blocked: number;
  /** The number of bytes written, before compression. */
  bytes: number;
}

/**
 * Seconds after which a scrape yields to the event loop; it may exceed this by
 * one batch. A scrape that runs for n seconds gets slices n times as long, so
 * that the largest scrapes finish, too.
 */
const SLICE = 0.00015;

/**
 * Seconds to rest between two slices, enough to serve pending requests. The rest
 * must be a timer: otherwise Deno polls its sockets only in every 61st turn.
 */
const REST = 0.001;

/** Reads batches in time slices and records the cost. */
export class TimeSlicedReader {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #cost: ScrapeCost;
  /** Seconds of work since the last rest. */
  #busy = 0;

  constructor(clock: Clock, timers: Timers, cost: ScrapeCost) {
    this.#clock = clock;
    this.#timers = timers;
    this.#cost = cost;
  }

  /**
   * Reads batches until there are no more or `take` returns false. Batches that
   * are empty are not taken.
   */
  async read<T>(
    batches: Generator<readonly T[], void>,
    take: (batch: readonly T[]) => boolean,
  ): Promise<void> {
    const step = () => batches.next();
    for (;;) {
      if (this.#isDue()) await this.#rest();
      const { value, done } = this.run(step);
      if (done) return;
      if (value !== undefined && value.length > 0 && !take(value)) return;
    }
  }

  /** Reads the next batch that is not empty; undefined at the end. */
  async next<T>(
    batches: Generator<readonly T[], void>,
  ): Promise<readonly T[] | undefined> {
    let next: readonly T[] | undefined;
    await this.read(batches, (batch) => {
      next = batch;
      return false;
    });
    return next;
  }

  /** Runs one step of work, and adds its time to the slice. */
  run<T>(step: () => T): T {
    const start = this.#clock.mono();
    const result = step();
    this.#busy += this.#clock.mono() - start;
    this.#cost.blocked = Math.max(this.#cost.blocked, this.#busy);
    return result;
  }

  /** Rests if the slice is over. */
  async restIfDue(): Promise<void> {
    if (this.#isDue()) await this.#rest();
  }

  #isDue(): boolean {
    const now = this.#clock.mono();
    return this.#busy >= SLICE * Math.max(1, now - this.#cost.start);
  }

  async #rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#timers.after(REST, resolve, { holds: true });
    });
    this.#busy = 0;
  }
}

/** Yields `change(item)` for each of `items`, on demand. */
export function* mapped<T, U>(
  items: Iterable<T>,
  change: (item: T) => U,
): Generator<U, void> {
  for (const item of items) yield change(item);
}

/** Yields the items of `first`, then those of `rest`. */
export function* chained<T>(
  first: readonly T[],
  rest: Iterable<T>,
): Generator<T, void> {
  yield* first;
  yield* rest;
}
