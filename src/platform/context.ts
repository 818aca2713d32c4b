/** Values that follow asynchronous work across `await`, timers and callbacks. */
import { builtin } from "./builtin.ts";

/** A store whose value lasts as long as the work that it was set for. */
export interface ContextStore<T> {
  /** Returns the value of the innermost enclosing `run`. */
  get(): T | undefined;
  /** Runs `work` with `value` in the store, and returns its result. */
  run<R>(value: T, work: () => R): R;
}

/** The class `AsyncLocalStorage` of `node:async_hooks`, as far as it is used. */
export type AsyncStorageClass = new <T>() => {
  /** Returns the value of the innermost enclosing `run`. */
  getStore(): T | undefined;
  /** Runs `work` with `value` in the storage, and returns its result. */
  run<R>(value: T, work: () => R): R;
};

interface AsyncHooks {
  readonly AsyncLocalStorage: AsyncStorageClass;
}

/**
 * Creates an independent store with `AsyncLocalStorage`. Where the runtime lacks
 * it, the store is a `synchronousStore`.
 */
export function asyncStore<T>(): ContextStore<T> {
  const hooks = builtin<AsyncHooks>("node:async_hooks");
  if (hooks === undefined) return synchronousStore();
  return storeIn(hooks.AsyncLocalStorage);
}

function storeIn<T>(Storage: AsyncStorageClass): ContextStore<T> {
  const storage = new Storage<T>();
  return {
    get: () => storage.getStore(),
    run: (value, work) => storage.run(value, work),
  };
}

/**
 * Makes `store` follow asynchronous work by a storage of `Storage`. Does nothing
 * if the runtime offers that class itself: then `store` does so already.
 */
export function followAsyncWork<T>(
  store: ContextStore<T>,
  Storage: AsyncStorageClass,
): void {
  if (builtin("node:async_hooks") !== undefined) return;
  // In place: all copies of the module share the object.
  Object.assign(store, storeIn<T>(Storage));
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
