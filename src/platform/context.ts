/** Values that follow the flow of a program: over `await`, timers, callbacks. */
import { builtin } from "./builtin.ts";

/** Holds a value for as long as a piece of work runs. */
export interface ContextStore<T> {
  /** Returns the value of the innermost `run` around the caller. */
  get(): T | undefined;
  /** Runs `work` with another value. */
  run<R>(value: T, work: () => R): R;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new <T>() => {
    getStore(): T | undefined;
    run<R>(value: T, work: () => R): R;
  };
}

/**
 * Creates a store by `AsyncLocalStorage`, independent of all others. Where the
 * runtime has none, it is a `synchronousStore`.
 */
export function asyncStore<T>(): ContextStore<T> {
  const hooks = builtin<AsyncHooks>("node:async_hooks");
  if (hooks === undefined) return synchronousStore();
  const storage = new hooks.AsyncLocalStorage<T>();
  return {
    get: () => storage.getStore(),
    run: (value, work) => storage.run(value, work),
  };
}

/** Creates a store whose values last until the first `await` of the work. */
export function synchronousStore<T>(): ContextStore<T> {
  let current: T | undefined;
  return {
    get: () => current,
    run(value, work) {
      const outer = current;
      current = value;
      try {
        return work();
      } finally {
        current = outer;
      }
    },
  };
}
