/** Timers that do not keep a process alive. */

/** What `setTimeout` and `setInterval` return. */
export type Timer = ReturnType<typeof setTimeout>;

/** Lets the process end although `timer` still runs; returns it. */
export function unref(timer: Timer): Timer {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
