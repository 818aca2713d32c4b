/** Timers that run only when a test lets time pass. */
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

/** The shortest period of a repeating timer, in seconds: that of runtimes. */
const MIN_PERIOD = 0.001;

/** Runs at one moment after which `advance` assumes an endless loop. */
const MAX_RUNS_AT_ONCE = 10_000;

/** Errors of rounding in sums of seconds are below this. */
const TOLERANCE = 1e-9;

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

  /** Moves `clock` along with the timers. Default: a new clock. */
  constructor(clock: FakeClock = new FakeClock()) {
    this.clock = clock;
  }

  /** Number of timers that have still to run. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Number of pending timers that would keep the process alive. */
  get holding(): number {
    return [...this.#waiting].filter(({ holds }) => holds).length;
  }

  /** Calls `work` once, when `seconds` have passed. */
  after(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    return this.#add(seconds > 0 ? seconds : 0, work, undefined, options);
  }

  /** Calls `work` each time that `seconds` have passed, at least 0.001. */
  every(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    const period = seconds > MIN_PERIOD ? seconds : MIN_PERIOD;
    return this.#add(period, work, period, options);
  }

  /**
   * Lets `seconds` pass and runs due timers in order of time, then of creation.
   *
   * During a run, the clock shows the time at which the timer was due. Timers
   * that are set or cancelled by a run count at once. If a test has moved the
   * clock alone, timers run late: a repeating one then runs once and goes on
   * from there, as it does after the event loop was blocked. An error of a
   * timer ends `advance` at the time of that timer.
   *
   * @throws {RangeError} If `seconds` is negative or not finite, or if timers
   *   set new timers for the same moment without end.
   */
  advance(seconds: number): void {
    const { clock } = this;
    const end = clock.mono() + seconds;
    if (!(seconds >= 0 && end < Infinity)) clock.advance(seconds); // throws
    let runs = 0;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.due > end + TOLERANCE) break;
      const wait = next.due - clock.mono();
      if (wait > 0) {
        clock.advance(wait);
        runs = 0;
      }
      if (++runs > MAX_RUNS_AT_ONCE) {
        throw new RangeError(
          `Cannot advance the timers: ${MAX_RUNS_AT_ONCE} ran at the same ` +
            `moment; give each timer that sets another one some seconds`,
        );
      }
      const { period } = next;
      if (period === undefined) this.#waiting.delete(next);
      else next.due = Math.max(next.due, clock.mono()) + period;
      next.work();
    }
    clock.advance(Math.max(0, end - clock.mono()));
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
    wait: number,
    work: () => void,
    period: number | undefined,
    { holds = false }: TimerOptions = {},
  ): Cancel {
    const due = this.clock.mono() + wait;
    const timer: Pending = { due, order: this.#order++, work, period, holds };
    this.#waiting.add(timer);
    return () => void this.#waiting.delete(timer);
  }
}
