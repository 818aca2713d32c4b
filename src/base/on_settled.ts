/**
 * Following a piece of work to its end, whether it returns, throws, resolves
 * or rejects.
 */

/**
 * Runs `work` and calls `done` exactly once, when it has ended: at once, or
 * when the promise that it returned is settled. What it returned or threw
 * reaches the caller; of a promise, one that follows it, so that a rejection
 * that nobody handles is still reported as such.
 *
 * `done` learns whether it failed, and what it came to: the result or the
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
  // The `then` of what is no promise may return nothing, call twice, or throw.
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
