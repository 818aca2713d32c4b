/**
 * Work that is done when a signal ends the process.
 *
 * A process without listeners ends at once at SIGINT or SIGTERM. The listener
 * here does the work first, and then raises the signal again. If the program
 * itself listens for the signal, it decides when the process ends, and the work
 * is done only. Where listeners of the program may be missed, there is no listener
 * here: lost work costs less than a shutdown that is cut off.
 */
import { countDenoListeners } from "./deno_signals.ts";

/** Signals that end a process. */
const SIGNALS = {
  /** Most supervisors wait for at least ten seconds. */
  SIGTERM: { seconds: 5, code: 143 },
  /** A user waits at the terminal. */
  SIGINT: { seconds: 1, code: 130 },
} as const;

/** Maximum time between the calls of two listeners of one signal. */
const MAX_DISPATCH_MS = 100;

type Signal = keyof typeof SIGNALS;

/** Has work to do before the process ends. */
export interface Finishing {
  /** Does it within a time. Rejections are ignored. */
  finish(seconds: number): Promise<unknown>;
}

interface Process {
  readonly pid?: number;
  prependListener?(event: string, listener: (name: string) => void): unknown;
  off?(event: string, listener: (name: string) => void): unknown;
  listenerCount?(signal: string): number;
  eventNames?(): readonly (string | symbol)[];
  kill?(pid: number, signal: string): unknown;
  exit?(code: number): never;
}

/** The state that all copies of this module share. */
interface Shared {
  /** Weak: what nobody holds any more has nothing to finish. */
  readonly works: Set<WeakRef<Finishing>>;
  /** Removes the listeners, if there are any. */
  unlisten: (() => void) | undefined;
}

const KEY = Symbol.for("barograph.signals.2");

function shared(): Shared {
  const slot = globalThis as { [KEY]?: Shared };
  try {
    return slot[KEY] ??= NEW;
  } catch {
    return NEW; // `globalThis` is frozen
  }
}

const NEW: Shared = { works: new Set(), unlisten: undefined };

/**
 * Calls `work.finish` when SIGINT or SIGTERM ends the process, until the result is
 * called. Does nothing where there are no signals. The listeners keep neither the
 * process nor `work` alive.
 */
export function beforeSignal(work: Finishing): () => void {
  const state = shared();
  for (const known of state.works) {
    if (known.deref() === undefined) state.works.delete(known);
  }
  const reference = new WeakRef(work);
  state.works.add(reference);
  state.unlisten ??= listen(state);
  return () => {
    state.works.delete(reference);
    if (state.works.size > 0) return;
    state.unlisten?.();
    state.unlisten = undefined;
  };
}

/**
 * Returns how many listeners of a signal the package `signal-exit` has, in both
 * of its generations. They end the process only once all others have gone.
 */
function exitHooks(process: Process): number {
  const emitters = [
    (process as { __signal_exit_emitter__?: unknown }).__signal_exit_emitter__,
    (globalThis as Record<symbol, unknown>)[Symbol.for("signal-exit emitter")],
  ];
  let count = 0;
  for (const emitter of emitters) {
    const { count: own } = Object(emitter) as { readonly count?: unknown };
    if (typeof own === "number") count += own;
  }
  return count;
}

function listen(state: Shared): () => void {
  const { process } = globalThis as { readonly process?: Process };
  if (process?.prependListener === undefined) return () => {};
  const undo: (() => void)[] = [];
  const removals = new Map<string, number>();
  let isMoving = false;
  const onRemoved = (name: string) => {
    if (!isMoving) removals.set(name, performance.now());
  };
  // Wrapped first: what `process` adds goes through the wrappers.
  const isDeno = "Deno" in globalThis;
  const foreign = isDeno
    ? countDenoListeners(signalsOf(process), onRemoved)
    : undefined;
  if (isDeno && foreign === undefined) return () => {};
  for (const signal of Object.keys(SIGNALS) as Signal[]) {
    let isWorking = false;
    let own = 0;
    let base = 0;
    // Listeners that are called once are gone when they are called. Bun and Node
    // call this one first; Deno may call it turns later, but reports removals.
    const isAlone = () => {
      const count = process.listenerCount?.(signal) ?? Infinity;
      // Of Deno's own listeners, those that `process` has added are in `count`.
      const native = (foreign?.count(signal) ?? 0) - own - (count - base);
      const removed = removals.get(signal) ?? -Infinity;
      return count - exitHooks(process) <= 1 &&
        (foreign === undefined || native <= 0) &&
        performance.now() - removed > MAX_DISPATCH_MS;
    };
    const listener = async (): Promise<void> => {
      // Threads that are done raise the signal again, for this thread as well.
      if (isWorking) return;
      isWorking = true;
      const wasAlone = isAlone();
      const works = [...state.works];
      const { seconds, code } = SIGNALS[signal];
      await Promise.allSettled(
        works.map((work) => work.deref()?.finish(seconds)),
      );
      isWorking = false;
      // A program that has ended its exporters has listeners that are not seen
      // here, such as those of another thread.
      const isEnded = works.some((work) => !state.works.has(work));
      if (!wasAlone || !isAlone() || isEnded) return;
      // The kernel ignores a signal that would end the first process.
      if (process.pid === 1) process.exit?.(code);
      process.off?.(signal, listener);
      try {
        process.kill?.(process.pid!, signal);
      } catch {
        process.exit?.(code); // the runtime does not permit the other
      }
    };
    // Bun reports no removals, so the listener stays the first: it then sees all
    // that are called once.
    const onAdded = (name: string): void => {
      if (name !== signal || isMoving) return;
      queueMicrotask(() => {
        if (state.unlisten !== unlisten) return;
        isMoving = true;
        process.off?.(signal, listener);
        process.prependListener?.(signal, listener);
        isMoving = false;
      });
    };
    try {
      process.prependListener(signal, listener);
      if (!isDeno) {
        process.prependListener("newListener", onAdded);
        undo.push(() => process.off?.("newListener", onAdded));
      }
      own = foreign?.count(signal) ?? 0;
      base = process.listenerCount?.(signal) ?? 0;
      undo.push(() => process.off?.(signal, listener));
    } catch {
      // The platform does not have the signal.
    }
  }
  process.prependListener("removeListener", onRemoved);
  undo.push(() => process.off?.("removeListener", onRemoved));
  if (foreign !== undefined) undo.push(foreign.release);
  const unlisten = (): void => undo.forEach((remove) => remove());
  return unlisten;
}

/** Returns how many signals have listeners of `process`. */
function signalsOf(process: Process): number {
  const names = process.eventNames?.() ?? [];
  return names.filter((name) => /^SIG/.test(String(name))).length;
}
