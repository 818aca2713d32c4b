/**
 * Handing what is told to other backends, each by itself: one that throws
 * disturbs neither the others nor the work, and is counted.
 */
import type { Records } from "./spec.ts";

/** A backend that hands on what it is told. */
export interface FanOut {
  /** How often a backend behind it has thrown. */
  readonly failures: number;
}

type AnyRecords = Readonly<Record<string, (...told: unknown[]) => void>>;

/** `R` of these functions, each of which does `tell` with what it is told. */
export function forwarding<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  tell: (name: keyof R & string, told: readonly unknown[]) => void,
): R {
  return Object.fromEntries(
    names.map((name) => [name, (...told: unknown[]) => tell(name, told)]),
  ) as unknown as R;
}

/** Calls functions of backends, and counts what they throw. */
export class Isolation implements FanOut {
  failures = 0;

  /** Tells `backend`; what it has no function for it is not told. */
  tell(backend: object, name: string, told: readonly unknown[]): void {
    try {
      const answer: unknown = (backend as AnyRecords)[name]?.(...told);
      // Of one that answers later, the failure comes later.
      if (answer instanceof Promise) answer.catch(() => this.failures++);
    } catch {
      this.failures++;
    }
  }
}

/** All of `backends` as one. */
export function fanOut<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  backends: readonly Partial<R>[],
): R & FanOut {
  const isolation = new Isolation();
  const all = forwarding<R>(names, (name, told) => {
    for (const backend of backends) isolation.tell(backend, name, told);
  });
  return Object.defineProperty(all, "failures", {
    get: () => isolation.failures,
  }) as R & FanOut;
}

/** A place for one backend, which can be another one from one call to the next. */
export interface Slot<R> extends FanOut {
  /** Functions that tell whichever backend is there when they are called. */
  readonly record: R;
  /** The backend that is there. */
  readonly current: Partial<R>;
  /** Puts another one there, at once; null for one that does nothing. */
  use(backend: Partial<R> | null): void;
}

/** A slot with a backend that does nothing. */
export function slot<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  nothing: R,
): Slot<R> {
  const isolation = new Isolation();
  let current: Partial<R> = nothing;
  return {
    record: forwarding<R>(
      names,
      (name, told) => isolation.tell(current, name, told),
    ),
    get current(): Partial<R> {
      return current;
    },
    get failures(): number {
      return isolation.failures;
    },
    use(backend): void {
      current = backend ?? nothing;
    },
  };
}

/** What tells of things by name: Node's emitter, and whatever is like it. */
export interface Emitter {
  /** Calls `listener` with what each `name` is emitted with. */
  on(name: string, listener: (...told: unknown[]) => void): unknown;
  /** Calls it no more. */
  off?(name: string, listener: (...told: unknown[]) => void): unknown;
}

/** Tells `backend` of all that `emitter` emits by the names of functions. */
export function listenTo<R extends Records<R>>(
  names: readonly (keyof R & string)[],
  emitter: Emitter,
  backend: Partial<R>,
): Disposable & FanOut {
  const isolation = new Isolation();
  const listeners = names.map((name) => {
    const listener = (...told: unknown[]) =>
      isolation.tell(backend, name, told);
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
