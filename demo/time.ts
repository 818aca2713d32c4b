/**
 * The time of the demo: it begins some minutes ago, runs as fast as the processor
 * allows until it has caught up with the real time, and then follows it.
 *
 * So the first look at the live page shows minutes of history. All parts of the
 * demo wait by these timers, and read this clock.
 */
import {
  type Cancel,
  type Clock,
  systemClock,
  systemTimers,
  type TimerOptions,
  type Timers,
} from "../src/base/mod.ts";

/** A timer of the past. */
interface Pending {
  /** The time of the next run, by `mono`. */
  due: number;
  readonly work: () => void;
  /** Seconds between two runs; undefined if it runs once. */
  readonly period: number | undefined;
  readonly options: TimerOptions | undefined;
  /** Cancels the timer of the runtime that has taken its place. */
  cancel: Cancel | undefined;
}

/** The shortest period of a repeating timer, in seconds, as in runtimes. */
const MIN_PERIOD = 0.001;

/** The clock and the timers of the demo. */
export class DemoTime implements Clock, Timers {
  /** The time by `mono`; undefined once it has caught up. */
  #past: number | undefined;
  /** Pending timers of the past, the next one last. */
  readonly #pending: Pending[] = [];

  /** Begins `seconds` ago. Default: now. */
  constructor(seconds = 0) {
    if (seconds > 0) this.#past = systemClock.mono() - seconds;
  }

  /** Whether the time has not caught up yet. */
  get isPast(): boolean {
    return this.#past !== undefined;
  }

  mono(): number {
    return this.#past ?? systemClock.mono();
  }

  unix(): number {
    return systemClock.unix() - (systemClock.mono() - this.mono());
  }

  after(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    return this.isPast
      ? this.#add(Math.max(0, seconds), work, undefined, options)
      : systemTimers.after(seconds, work, options);
  }

  every(seconds: number, work: () => void, options?: TimerOptions): Cancel {
    const period = Math.max(MIN_PERIOD, seconds);
    return this.isPast
      ? this.#add(period, work, period, options)
      : systemTimers.every(seconds, work, options);
  }

  /** Resolves after `seconds`. */
  wait(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(seconds, resolve, { holds: true });
    });
  }

  /**
   * Runs the past until it has become the present, or until `isDone`. Then the
   * pending timers become timers of the runtime.
   */
  async catchUp(isDone: () => boolean = () => false): Promise<void> {
    const { turn = (work) => void systemTimers.after(0, work) } = systemTimers;
    while (this.#past !== undefined && !isDone()) {
      const next = this.#pending.pop();
      if (next === undefined) break;
      if (next.due > systemClock.mono()) {
        this.#pending.push(next);
        break;
      }
      this.#past = Math.max(this.#past, next.due);
      if (next.period !== undefined) {
        next.due += next.period;
        this.#insert(next);
      }
      next.work();
      // Everything that `work` resolves runs before the next timer.
      await new Promise<void>((resolve) => turn(resolve));
    }
    const now = this.mono();
    this.#past = undefined;
    for (const timer of this.#pending.splice(0)) follow(timer, now);
  }

  #add(
    wait: number,
    work: () => void,
    period: number | undefined,
    options: TimerOptions | undefined,
  ): Cancel {
    const due = this.mono() + wait;
    const timer: Pending = { due, work, period, options, cancel: undefined };
    this.#insert(timer);
    return () => {
      const index = this.#pending.indexOf(timer);
      if (index >= 0) this.#pending.splice(index, 1);
      timer.cancel?.();
    };
  }

  /** Inserts a timer before all that run at the same time or earlier. */
  #insert(timer: Pending): void {
    const pending = this.#pending;
    let index = pending.length;
    while (index > 0 && pending[index - 1]!.due <= timer.due) index--;
    pending.splice(index, 0, timer);
  }
}

/** Hands a timer of the past over to the runtime. */
function follow(timer: Pending, now: number): void {
  const { due, work, period, options } = timer;
  timer.cancel = systemTimers.after(due - now, () => {
    if (period !== undefined) {
      timer.cancel = systemTimers.every(period, work, options);
    }
    work();
  }, options);
}
