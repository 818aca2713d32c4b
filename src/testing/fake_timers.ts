/** Timers that run when a test says so. */
import type { Cancel, TimerOptions, Timers } from "../base/mod.ts";
import { FakeClock } from "./fake_clock.ts";

interface Pending {
  due: number;
  readonly order: number;
  readonly work: () => void;
  /** Seconds between two runs; undefined for one run. */
  readonly period: number | undefined;
  readonly holds: boolean;
}

/**
 * Timers for tests: nothing runs until `advance` lets time pass.
 *
 * ```ts
 * import { FakeTimers } from "@barograph/barograph/testing";
 *
 * const timers = new FakeTimers();
 * timers.every(15, () => console.log("still here"));
 * timers.advance(60); // runs it four times
 * console.log(timers.pending); // 1
 * ```
 */
export class FakeTimers implements Timers {
  /** The clock that moves with the timers. */
  readonly clock: FakeClock;
  readonly #waiting = new Set<Pending>();
  #order = 0;

  /** `clock` is the one to move along; a new one by default. */
  constructor(clock: FakeClock = new FakeClock()) {
    this.clock = clock;
  }

  /** How many timers wait to run. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** How many of them keep the process alive. */
  get holding(): number {
    return [...this.#waiting].filter(({ holds }) => holds).length;
  }

  /** Calls `work` once, when `seconds` have passed. */
  after(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    return this.#add(seconds, work, undefined, options);
  }

  /** Calls `work` each time that `seconds` have passed. */
  every(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    return this.#add(seconds, work, Math.max(seconds, 0.001), options);
  }

  /**
   * Lets `seconds` pass and runs what is due, in order of time. A timer sees
   * the clock at its own time; timers that are set meanwhile run as well.
   *
   * @throws {RangeError} If `seconds` is negative or no finite number.
   */
  advance(seconds: number): void {
    if (!(seconds >= 0 && seconds < Infinity)) this.clock.advance(seconds);
    const end = this.clock.mono() + seconds;
    for (;;) {
      const next = this.#next();
      if (next === undefined || !(next.due <= end)) break;
      this.clock.advance(Math.max(0, next.due - this.clock.mono()));
      if (next.period === undefined) this.#waiting.delete(next);
      else next.due += next.period;
      next.work();
    }
    this.clock.advance(Math.max(0, end - this.clock.mono()));
  }

  #next(): Pending | undefined {
    let next: Pending | undefined;
    for (const one of this.#waiting) {
      if (
        next === undefined || one.due < next.due ||
        (one.due === next.due && one.order < next.order)
      ) next = one;
    }
    return next;
  }

  #add(
    seconds: number,
    work: () => void,
    period: number | undefined,
    { holds = false }: TimerOptions = {},
  ): Cancel {
    const wait = seconds > 0 ? seconds : 0;
    const due = this.clock.mono() + wait;
    const one: Pending = { due, order: this.#order++, work, period, holds };
    this.#waiting.add(one);
    return () => void this.#waiting.delete(one);
  }
}
