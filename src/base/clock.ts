/**
 * Time as an argument: everything that reads the time takes a `Clock`.
 *
 * All times are in seconds. `unix` jumps when the system clock is set. `mono`
 * never goes back; only the difference of two readings has a meaning.
 */
export interface Clock {
  /** Seconds since 1970-01-01T00:00:00Z. */
  unix(): number;
  /** Seconds since an arbitrary moment; never goes back. */
  mono(): number;
}

/** The system clock: `Date.now` and `performance.now`, in seconds. */
export const systemClock: Clock = {
  unix: () => Date.now() / 1000,
  mono: () => performance.now() / 1000,
};

/** A measurement of the time since it was created. */
export interface Stopwatch {
  /** Returns the seconds since its creation, never negative. */
  seconds(): number;
}

/**
 * Starts a stopwatch, for durations whose labels are known only at the end.
 *
 * ```ts
 * import { histogram, stopwatch } from "@barograph/barograph";
 *
 * const duration = histogram({
 *   name: "job_duration_seconds",
 *   help: "How long jobs took, by outcome.",
 *   labels: ["outcome"],
 * });
 * const watch = stopwatch();
 * duration.with({ outcome: "done" }).observe(watch.seconds());
 * ```
 */
export function stopwatch(clock: Clock = systemClock): Stopwatch {
  const start = clock.mono();
  return { seconds: () => Math.max(0, clock.mono() - start) };
}
