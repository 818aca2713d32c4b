/**
 * What travels with the flow of a program: over `await`, timers, callbacks.
 *
 * By `AsyncLocalStorage` where the runtime has it, and without an import, so
 * that who never traces never loads it. Elsewhere a value lasts as long as the
 * synchronous part of the work.
 */

/** A value that is there for as long as a piece of work goes on. */
export interface ContextStore<T> {
  /** The value of the innermost `run` that this code is part of. */
  get(): T | undefined;
  /** Runs `work` with another value. */
  run<R>(value: T, work: () => R): R;
}

interface Storage<T> {
  getStore(): T | undefined;
  run<R>(value: T, work: () => R): R;
}

interface Runtime {
  readonly process?: {
    getBuiltinModule?(name: string): {
      readonly AsyncLocalStorage: new <T>() => Storage<T>;
    } | undefined;
  };
}

/** Makes a store that shares nothing with any other. */
export function contextStore<T>(): ContextStore<T> {
  const { process } = globalThis as Runtime;
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  if (hooks === undefined) return synchronousStore();
  const storage = new hooks.AsyncLocalStorage<T>();
  return {
    get: () => storage.getStore(),
    run: (value, work) => storage.run(value, work),
  };
}

/** For runtimes that cannot follow a program over `await`. */
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
