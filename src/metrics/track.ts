/**
 * Following a piece of work to its end, whether it returns, throws, resolves
 * or rejects.
 */
import type { Clock } from "../base/mod.ts";

/**
 * Runs `work` and calls `done` exactly once, when it has ended: at once, or
 * when the promise that it returned is settled. What it returned or threw
 * reaches the caller; of a promise, one that follows it, so that a rejection
 * that nobody handles is still reported as such.
 */
export function settle<T>(work: () => T, done: (failed: boolean) => void): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    done(true);
    throw error;
  }
  if (!isThenable(result)) {
    done(false);
    return result;
  }
  return result.then((value) => {
    done(false);
    return value;
  }, (error) => {
    done(true);
    throw error;
  }) as T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

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
