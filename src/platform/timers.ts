/** Timers that do not keep a process alive. */

/** What `setTimeout` and `setInterval` return. */
export type Timer = ReturnType<typeof setTimeout>;

/** Lets the process end although `timer` still runs; returns it. */
export function unref(timer: Timer): Timer {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}

interface Runtime {
  readonly setImmediate?: (work: () => void) => unknown;
}

/** Lets everything else that is due have its turn. */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as Runtime;
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
