/**
 * Timers as an argument: everything that waits takes `Timers`, just as
 * everything that reads the time takes a `Clock`.
 *
 * All times are in seconds. No other file of the module calls `setTimeout`,
 * `setInterval` or `setImmediate`.
 */

/** Cancels a timer. Calling it again, or after the timer has run, is harmless. */
export type Cancel = () => void;

/** Options of a timer. */
export interface TimerOptions {
  /** Whether the timer keeps the process alive. Default: false. */
  readonly holds?: boolean | undefined;
}

/** Calls functions later. */
export interface Timers {
  /** Calls `work` once after `seconds`; as soon as possible if not above zero. */
  after(seconds: number, work: () => void, options?: TimerOptions): Cancel;
  /** Calls `work` every `seconds`, first after `seconds`. */
  every(seconds: number, work: () => void, options?: TimerOptions): Cancel;
  /**
   * Calls `work` once in the next turn of the event loop, after the callbacks
   * that are pending, and keeps the process alive until then. Much faster than a
   * timer, where the runtime has it. Default: none, and `after` is called
   * instead.
   */
  readonly turn?: ((work: () => void) => void) | undefined;
}

/** The longest wait: runtimes fire timers of 2^31 ms or more immediately. */
const MAX_SECONDS = 1e6;

/** A function of most servers, not of browsers. */
declare const setImmediate: ((work: () => void) => unknown) | undefined;

/** The timers of the runtime. */
export const systemTimers: Timers = {
  after(seconds, work, { holds = false } = {}) {
    const timer = setTimeout(work, toMs(seconds));
    if (!holds) unref(timer);
    return () => clearTimeout(timer);
  },
  every(seconds, work, { holds = false } = {}) {
    const timer = setInterval(work, toMs(seconds));
    if (!holds) unref(timer);
    return () => clearInterval(timer);
  },
  turn: typeof setImmediate === "function"
    ? (work) => void setImmediate(work)
    : undefined,
};

function toMs(seconds: number): number {
  return seconds > 0 ? Math.min(seconds, MAX_SECONDS) * 1000 : 0;
}

/** Lets the process end before `timer`; in browsers, timers are numbers. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
