/** Values that follow asynchronous work across `await`, timers and callbacks. */
import { builtin } from "./builtin.ts";

/** A store whose value lasts as long as the work that it was set for. */
export interface ContextStore<T> {
  /** Returns the value of the innermost enclosing `run`. */
  get(): T | undefined;
  /** Runs `work` with `value` in the store, and returns its result. */
  run<R>(value: T, work: () => R): R;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new <T>() => {
    getStore(): T | undefined;
    run<R>(value: T, work: () => R): R;
  };
}

/**
 * Creates an independent store with `AsyncLocalStorage`. Where the runtime lacks
 * it, the store is a `synchronousStore`.
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

/** Creates a store whose values last until the work first awaits. */
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
