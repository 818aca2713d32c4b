/** Timers that run only when a test advances them. */
import type { Cancel, TimerOptions, Timers } from "../base/mod.ts";
import { FakeClock } from "./fake_clock.ts";

/** A timer that has not run or that repeats. */
interface Pending {
  /** The time of the next run, in seconds of `clock.mono()`. */
  due: number;
  /** The order of creation, for timers that are due at the same time. */
  readonly order: number;
  readonly work: () => void;
  /** Seconds between two runs; undefined if the timer runs once. */
  readonly period: number | undefined;
  readonly holds: boolean;
}

/** The shortest period of a repeating timer, in seconds, as in runtimes. */
const MIN_PERIOD = 0.001;

/** `advance` assumes an endless loop after this many runs at one moment. */
const MAX_RUNS_AT_ONCE = 10_000;

/** Sums of seconds have rounding errors below this. */
const TOLERANCE = 1e-9;

/**
 * Timers for tests: nothing runs until `advance` is called.
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
  /** The clock that `advance` moves. */
  readonly clock: FakeClock;
  readonly #waiting = new Set<Pending>();
  #order = 0;

  /** `clock` advances with the timers. Default: a new clock. */
  constructor(clock: FakeClock = new FakeClock()) {
    this.clock = clock;
  }

  /** The number of pending timers, repeating ones included. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** The number of pending timers that would keep the process alive. */
  get holding(): number {
    return [...this.#waiting].filter(({ holds }) => holds).length;
  }

  /** Calls `work` once after `seconds`. */
  after(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    return this.#add(seconds > 0 ? seconds : 0, work, undefined, options);
  }

  /** Calls `work` every `seconds`; the shortest period is 0.001. */
  every(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    const period = seconds > MIN_PERIOD ? seconds : MIN_PERIOD;
    return this.#add(period, work, period, options);
  }

  /**
   * Advances the clock by `seconds` and runs due timers, in order of time, then
   * of creation.
   *
   * During a run, the clock returns the time at which the timer was due. A run
   * can set and cancel timers with immediate effect. If a test has advanced the
   * clock itself, timers run late: a repeating timer then runs once and continues
   * from there, as after a blocked event loop. If a timer throws, `advance`
   * throws its error, and the clock stops at the time of that timer.
   *
   * @throws {RangeError} If `seconds` is negative or not finite, or if timers
   *   endlessly set timers for the same moment.
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
            `moment; give a delay above 0 to timers that set timers`,
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
    for (const timer of this.#waiting) {
      if (
        next === undefined || timer.due < next.due ||
        (timer.due === next.due && timer.order < next.order)
      ) next = timer;
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
