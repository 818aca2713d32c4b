/** A timer that records the seconds since its start, once. */
import type { Clock } from "../base/mod.ts";

/**
 * Measures from `startTimer()` on and records once.
 *
 * With `using`, it records at the end of the block, also when the block throws.
 */
export interface Timer extends Disposable {
  /** Records the seconds since the start and returns them; only once. */
  stop(): number;
  /** Ends the timer without recording anything. */
  cancel(): void;
}

/** Starts a timer that passes its seconds to `record`, at most once. */
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
