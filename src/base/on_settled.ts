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
  return settle(new FunctionTask(work, done));
}

/** Work and its end, as an object: it costs hot paths less than closures. */
export interface Task<T> {
  /** Does the work: the parameter `work` of `onSettled`. */
  run(): T;
  /** Handles its end: the parameter `done` of `onSettled`. */
  settled(failed: boolean, outcome: unknown): void;
}

class FunctionTask<T> implements Task<T> {
  readonly #work: () => T;
  readonly settled: Task<T>["settled"];

  constructor(work: () => T, done: Task<T>["settled"]) {
    this.#work = work;
    this.settled = done;
  }

  run(): T {
    const work = this.#work; // called without `this`
    return work();
  }
}

/** Runs `task`, as `onSettled` runs two functions. */
export function settle<T>(task: Task<T>): T {
  let result: T;
  try {
    result = task.run();
  } catch (error) {
    task.settled(true, error);
    throw error;
  }
  if (isThenable(result)) return whenSettled(result, task) as T;
  task.settled(false, result);
  return result;
}

/** Separate from `settle`: its closures would cost synchronous work a scope. */
function whenSettled<T>(
  result: PromiseLike<T>,
  task: Task<unknown>,
): Promise<T> {
  // The `then` of other thenables may return nothing, call back twice, or throw.
  const promise = result instanceof Promise ? result : Promise.resolve(result);
  return promise.then((value) => {
    task.settled(false, value);
    return value;
  }, (error) => {
    task.settled(true, error);
    throw error;
  });
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

/** Returns whether `value` is a promise or another thenable; never throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== "object" || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false; // `then` is a getter that throws
  }
}
