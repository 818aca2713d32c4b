/** Timers that record the seconds since their start, once. */
import type { Clock } from "../base/mod.ts";

/**
 * A running timer, returned by `startTimer()`. It records at most once.
 *
 * With `using`, it records at the end of the block, also if the block throws.
 */
export interface Timer extends Disposable {
  /** Records and returns the seconds since the start; later calls record nothing. */
  stop(): number;
  /** Ends the timer without recording anything. */
  cancel(): void;
}

/** Starts a timer that passes its seconds to `record` once. */
export function startTimer(
  clock: Clock,
  record: (seconds: number) => void,
): Timer {
  const start = clock.mono();
  let isOpen = true;
  let seconds = 0;
  const stop = (): number => {
    if (!isOpen) return seconds;
    isOpen = false;
    seconds = Math.max(0, clock.mono() - start);
    record(seconds);
    return seconds;
  };
  return {
    stop,
    cancel: () => {
      isOpen = false;
    },
    [Symbol.dispose]: () => void stop(),
  };
}
