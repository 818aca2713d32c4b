/**
 * Passes calls on to backends. If a backend throws, neither the other backends
 * nor the caller notice; the failure is counted.
 */
import { callSafely } from "../base/internal.ts";
import type { Records } from "./spec.ts";

/** A backend that passes its calls on to other backends. */
export interface FanOut {
  /** Number of calls in which a backend threw or rejected. */
  readonly failures: number;
}

type AnyRecords = Readonly<Record<string, (...args: unknown[]) => void>>;

/** Returns an object of functions with `names`, each of which calls `record`. */
export function forwarding<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  record: (name: keyof R & string, args: readonly unknown[]) => void,
): R {
  return Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => record(name, args)]),
  ) as unknown as R;
}

/** Calls functions of backends, and counts their failures. */
export class Isolation implements FanOut {
  failures = 0;

  /** Calls the function `name` of `backend`, if it has one. */
  call(backend: object, name: string, args: readonly unknown[]): void {
    // An asynchronous backend fails later: by rejection.
    const record = (): unknown => (backend as AnyRecords)[name]?.(...args);
    callSafely(record, undefined, () => this.failures++);
  }
}

/** Returns one backend that passes each call on to all `backends`. */
export function fanOut<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  backends: readonly Partial<R>[],
): R & FanOut {
  const isolation = new Isolation();
  const tee = forwarding<R>(names, (name, args) => {
    for (const backend of backends) isolation.call(backend, name, args);
  });
  const failures: PropertyDescriptor = Object.create(null); // inherits nothing
  failures.get = () => isolation.failures;
  return Object.defineProperty(tee, "failures", failures) as R & FanOut;
}

/** Holds one backend, which can be replaced at any time. */
export interface Slot<R> extends FanOut {
  /** Functions that record into the current backend. */
  readonly record: R;
  /** The current backend. */
  readonly current: Partial<R>;
  /** Replaces the backend at once; null removes it, and calls do nothing. */
  use(backend: Partial<R> | null): void;
}

/** Returns a slot whose backend does nothing. */
export function slot<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  noop: R,
): Slot<R> {
  const isolation = new Isolation();
  let current: Partial<R> = noop;
  return {
    record: forwarding<R>(
      names,
      (name, args) => isolation.call(current, name, args),
    ),
    get current(): Partial<R> {
      return current;
    },
    get failures(): number {
      return isolation.failures;
    },
    use(backend): void {
      current = backend ?? noop;
    },
  };
}

/** An emitter of named events, such as Node's `EventEmitter`. */
export interface Emitter {
  /** Adds a listener for the events `name`. */
  on(name: string, listener: (...args: unknown[]) => void): unknown;
  /** Removes a listener. */
  off?(name: string, listener: (...args: unknown[]) => void): unknown;
}

/** Passes the events `names` of `emitter` to the functions of `backend`. */
export function listenTo<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  emitter: Emitter,
  backend: Partial<R>,
): Disposable & FanOut {
  const isolation = new Isolation();
  const listeners = names.map((name) => {
    const listener = (...args: unknown[]) =>
      isolation.call(backend, name, args);
    emitter.on(name, listener);
    return [name, listener] as const;
  });
  return {
    get failures(): number {
      return isolation.failures;
    },
    [Symbol.dispose](): void {
      for (const [name, listener] of listeners) emitter.off?.(name, listener);
    },
  };
}
