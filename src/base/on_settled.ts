/**
 * Follows work to its end, whether it returns, throws, resolves or rejects.
 */

/**
 * Runs `work` and calls `done` exactly once when it has ended: immediately, or
 * when the promise that it returned settles.
 *
 * The caller gets the result or the error of `work`. For a promise it gets one
 * that follows it, so that an unhandled rejection is still reported as one.
 * `done` gets whether `work` failed, and the result or the error.
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
  // A `then` that is no promise's may return nothing, call twice, or throw.
  const promise = result instanceof Promise ? result : Promise.resolve(result);
  return promise.then((value) => {
    done(false, value);
    return value;
  }, (error) => {
    done(true, error);
    throw error;
  }) as T;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
