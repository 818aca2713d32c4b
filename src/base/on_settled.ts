/** Handles work that returns, throws, resolves or rejects. */

/**
 * Runs `work` and calls `done` exactly once when it has ended: immediately, or
 * when the promise that `work` returned settles.
 *
 * Returns the result of `work`, or throws its error. For a promise, it returns a
 * promise that settles the same way, so that the runtime still reports an
 * unhandled rejection. `done` receives whether `work` failed, and its result or
 * error.
 */
export function onSettled<T>(
  work: () => T,
  done: (failed: boolean, outcome: unknown) => void,
): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    done(true, error);
    throw error;
  }
  if (!isThenable(result)) {
    done(false, result);
    return result;
  }
  // The `then` of other thenables may return nothing, call back twice, or throw.
  const promise = result instanceof Promise ? result : Promise.resolve(result);
  return promise.then((value) => {
    done(false, value);
    return value;
  }, (error) => {
    done(true, error);
    throw error;
  }) as T;
}

/**
 * Returns whether `result` is a promise or another thenable. If it is, its
 * rejection is ignored: the runtime does not report it as unhandled.
 *
 * Cost: one call. On hot paths compare with `undefined` first.
 */
export function ignoreRejection(result: unknown): boolean {
  if (!isThenable(result)) return false;
  Promise.resolve(result).catch(() => {});
  return true;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
