/** Handles work that returns, throws, resolves, rejects or generates. */
import {
  type GeneratorTask,
  isGenerator,
  whenExhausted,
  type Within,
} from "./generators.ts";
import { isThenable } from "./thenable.ts";

/**
 * Runs `work` and calls `done` exactly once when it has ended: immediately, or
 * when the promise that `work` returned settles. A generator, also one that a
 * promise resolves to, ends when its reader has read it to its end, has stopped
 * early, or has received its error.
 *
 * Returns the result of `work`, or throws its error. For a promise, it returns a
 * promise that settles the same way, so that the runtime still reports an
 * unhandled rejection. `done` receives whether `work` failed, and its result or
 * error. The body of a generator runs in the context of its reader; `within`
 * runs each part of it in another one.
 */
export function onSettled<T>(
  work: () => T,
  done: (failed: boolean, outcome: unknown) => void,
  within?: Within,
): T {
  return settle(new FunctionTask(work, done, within));
}

/** Work and its end, as an object: it costs hot paths less than closures. */
export interface Task<T> extends GeneratorTask {
  /** Does the work: the parameter `work` of `onSettled`. */
  run(): T;
}

class FunctionTask<T> implements Task<T> {
  readonly #work: () => T;
  readonly settled: Task<T>["settled"];
  readonly within: Within | undefined;

  constructor(
    work: () => T,
    done: Task<T>["settled"],
    within: Within | undefined,
  ) {
    this.#work = work;
    this.settled = done;
    this.within = within;
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
  returned(result, task);
  return result;
}

/** Handles a result that is no promise. */
function returned(result: unknown, task: Task<unknown>): void {
  if (isGenerator(result) && whenExhausted(result, task)) return;
  task.settled(false, result);
}

/** Separate from `settle`: its closures would cost synchronous work a scope. */
function whenSettled<T>(
  result: PromiseLike<T>,
  task: Task<unknown>,
): Promise<T> {
  // The `then` of other thenables may return nothing, call back twice, or throw.
  const promise = result instanceof Promise ? result : Promise.resolve(result);
  return promise.then((value) => {
    returned(value, task);
    return value;
  }, (error) => {
    task.settled(true, error);
    throw error;
  });
}
