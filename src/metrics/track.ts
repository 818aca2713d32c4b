/** A timer that records the seconds up to its end, once. */
import type { Clock } from "../base/mod.ts";

/**
 * Measures from `startTimer()` on and records once.
 *
 * With `using`, it records at the end of the block, also when the block throws.
 */
export interface Timer extends Disposable {
  /** Records the time since the start, and returns it in seconds; once. */
  stop(): number;
  /** Records nothing, whatever comes. */
  cancel(): void;
}

/** A timer that hands the seconds to `record`, at most once. */
export function startTimer(
  clock: Clock,
  record: (seconds: number) => void,
): Timer {
  const start = clock.mono();
  let open = true;
  let seconds = 0;
  const stop = (): number => {
    if (!open) return seconds;
    open = false;
    seconds = Math.max(0, clock.mono() - start);
    record(seconds);
    return seconds;
  };
  return {
    stop,
    cancel: () => {
      open = false;
    },
    [Symbol.dispose]: () => void stop(),
  };
}
