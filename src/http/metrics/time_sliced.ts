/**
 * Writes in time slices, so that an exposition does not hold the event loop until
 * it is complete.
 *
 * The rule: after `SLICE` seconds of work, a scrape gives way until the event
 * loop has polled its sockets, so that the requests that are waiting are served.
 * That takes a fixed number of turns (see `turnsPerPoll`): one on Bun and Node,
 * which costs microseconds, and 61 on Deno, which costs about 90 µs, less than a
 * fifth of the slice. If the timers have no turns, or the number is not known, a
 * timer of `REST` seconds takes their place. A step is never interrupted: the
 * event loop is held for a slice and one step at most.
 */
import type { Clock, Timers } from "../../base/mod.ts";
import { turnsPerPoll } from "../../platform/internal.ts";

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

/** Seconds of work between two rests. */
const SLICE = 0.0005;

/** Seconds of a rest by timer; runtimes round shorter ones up. */
const REST = 0.001;

/** Runs the steps of a scrape in time slices and records the cost. */
export class TimeSlicedReader {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #cost: ScrapeCost;
  /** Turns of a rest; undefined to rest by timer. */
  readonly #turns: number | undefined;
  /** Seconds of work since the last rest. */
  #busy = 0;

  constructor(
    clock: Clock,
    timers: Timers,
    cost: ScrapeCost,
    turns: number | undefined = turnsPerPoll(),
  ) {
    this.#clock = clock;
    this.#timers = timers;
    this.#cost = cost;
    this.#turns = typeof timers.turn === "function" ? turns : undefined;
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
      if (this.#busy >= SLICE) await this.#rest();
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
    if (this.#busy >= SLICE) await this.#rest();
  }

  #rest(): Promise<void> {
    this.#busy = 0;
    const timers = this.#timers;
    return new Promise((resolve) => {
      if (this.#turns === undefined) {
        timers.after(REST, resolve, { holds: true });
        return;
      }
      let left = this.#turns;
      const turn = (): void => {
        if (left-- > 0) timers.turn!(turn);
        else resolve();
      };
      turn();
    });
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
