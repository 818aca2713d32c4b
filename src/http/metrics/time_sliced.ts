/**
 * Writes in time slices, so that an exposition does not hold the event loop until
 * it is complete.
 *
 * The rule: after `SLICE` seconds of work, a scrape gives way until the event
 * loop has polled its sockets, so that the requests that are waiting are served.
 * - That takes a fixed number of turns (see `turnsPerPoll`): one on Bun and Node,
 *   which costs microseconds, and 61 on Deno, which costs about 90 µs, less than a
 *   fifth of the slice.
 * - Several turns of a busy loop are long, so there a timer of `REST` seconds ends
 *   a rest, too: Deno fires timers only after a poll. Without turns, or if their
 *   number is not known, the timer alone ends it.
 * - If others have used a rest of many slices, the next slice is a quarter of it,
 *   up to `MAX_SLICE`. So a large scrape ends even if the server is overloaded.
 * - A step is never interrupted: the event loop is held for a slice and one step
 *   at most.
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

/** Seconds of work between two rests, the first of which was long. */
const MAX_SLICE = 0.001;

/** Seconds of a rest by timer; runtimes round shorter ones up. */
const REST = 0.001;

/** Runs the steps of a scrape in time slices and records the cost. */
export class TimeSlicedReader {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #cost: ScrapeCost;
  /** Turns of a rest; undefined to rest by timer alone. */
  readonly #turns: number | undefined;
  /** Seconds of work until the next rest. */
  #slice = SLICE;
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
      if (this.#busy >= this.#slice) await this.#rest();
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

  /**
   * The same for a body that is small. Without turns it is read at once: timers
   * would take longer than all of the work, and those of tests stand still.
   */
  async readSmall<T>(
    batches: Generator<readonly T[], void>,
    take: (batch: readonly T[]) => boolean,
  ): Promise<void> {
    if (this.#turns !== undefined) return await this.read(batches, take);
    this.run(() => {
      // Not for…of, which would end `batches` when `take` returns false.
      for (;;) {
        const { value, done } = batches.next();
        if (done || !take(value)) return;
      }
    });
  }

  /** Rests if the slice is over and the timers have turns. */
  async restIfDue(): Promise<void> {
    if (this.#turns === undefined) return;
    if (this.#busy >= this.#slice) await this.#rest();
  }

  async #rest(): Promise<void> {
    const start = this.#clock.mono();
    await new Promise<void>((resolve) => this.#afterPoll(resolve));
    const rest = this.#clock.mono() - start;
    this.#busy = 0;
    this.#slice = Math.min(Math.max(SLICE, rest / 4), MAX_SLICE);
  }

  /** Calls `work` once the event loop has polled its sockets. */
  #afterPoll(work: () => void): void {
    const timers = this.#timers;
    let left = this.#turns ?? Infinity;
    const cancel = left === 1 ? undefined : timers.after(REST, () => {
      left = 0;
      work();
    }, { holds: true });
    if (left === Infinity) return;
    const turn = (): void => {
      if (left === 0) return; // the timer was faster
      left--;
      if (left > 0) return timers.turn!(turn);
      cancel?.();
      work();
    };
    timers.turn!(turn);
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
