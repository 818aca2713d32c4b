/** A limit for the duration of a request. */
import type { Timers } from "../base/mod.ts";

/**
 * Calls `work` with a signal that aborts with `signal`, and after `seconds`.
 * Settles like `work`.
 */
export async function withTimeout<T>(
  timers: Timers,
  seconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const cancel = timers.after(seconds, () => {
    const text = "the collector is too slow";
    deadline.abort(new DOMException(text, "TimeoutError"));
  });
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    cancel();
  }
}
