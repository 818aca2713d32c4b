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

/** Does work within a time. Its rejections are ignored. */
type Work = (seconds: number) => Promise<unknown>;

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
  readonly works: Set<Work>;
  /** Removes the listeners, if there are any. */
  unlisten: (() => void) | undefined;
}

const KEY = Symbol.for("barograph.signals.1");

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
 * Calls `work` when SIGINT or SIGTERM ends the process, until the result is
 * called. Does nothing where there are no signals. The listeners do not keep the
 * process alive.
 */
export function beforeSignal(work: Work): () => void {
  const state = shared();
  state.works.add(work);
  state.unlisten ??= listen(state);
  return () => {
    state.works.delete(work);
    if (state.works.size > 0) return;
    state.unlisten?.();
    state.unlisten = undefined;
  };
}

function listen(state: Shared): () => void {
  const { process } = globalThis as { readonly process?: Process };
  if (process?.prependListener === undefined) return () => {};
  const undo: (() => void)[] = [];
  const removals = new Map<string, number>();
  const onRemoved = (name: string) => {
    removals.set(name, performance.now());
  };
  // Wrapped first: what `process` adds goes through the wrappers.
  const isDeno = "Deno" in globalThis;
  const foreign = isDeno
    ? countDenoListeners(signalsOf(process), onRemoved)
    : undefined;
  if (isDeno && foreign === undefined) return () => {};
  for (const signal of Object.keys(SIGNALS) as Signal[]) {
    let isWorking = false;
    let own: number | undefined;
    // Listeners that are called once are gone when they are called. Bun and Node
    // call this one first; Deno may call it turns later, but reports removals.
    const isAlone = () =>
      process.listenerCount?.(signal) === 1 &&
      foreign?.count(signal) === own &&
      performance.now() - (removals.get(signal) ?? -Infinity) > MAX_DISPATCH_MS;
    const listener = async (): Promise<void> => {
      // Threads that are done raise the signal again, for this thread as well.
      if (isWorking) return;
      isWorking = true;
      const wasAlone = isAlone();
      const works = [...state.works];
      const { seconds, code } = SIGNALS[signal];
      await Promise.allSettled(works.map((work) => work(seconds)));
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
    try {
      process.prependListener(signal, listener);
      own = foreign?.count(signal);
      undo.push(() => process.off?.(signal, listener));
    } catch {
      // The platform does not have the signal.
    }
  }
  process.prependListener("removeListener", onRemoved);
  undo.push(() => process.off?.("removeListener", onRemoved));
  if (foreign !== undefined) undo.push(foreign.release);
  return () => undo.forEach((remove) => remove());
}

/** Returns how many signals have listeners of `process`. */
function signalsOf(process: Process): number {
  const names = process.eventNames?.() ?? [];
  return names.filter((name) => /^SIG/.test(String(name))).length;
}
