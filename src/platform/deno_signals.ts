/**
 * The listeners of `Deno.addSignalListener`. Deno has no function that counts
 * them, so both functions are wrapped.
 */
import { countOfSignals } from "./deno_internals.ts";

type Change = (signal: string, listener: () => void) => void;

interface DenoNamespace {
  addSignalListener: Change;
  removeSignalListener: Change;
}

export interface DenoListeners {
  /** Returns how many listeners of `signal` were added since the call. */
  count(signal: string): number;
  /** Undoes the wrapping. */
  release(): void;
}

/**
 * Counts the listeners that are added from now on, and reports removals. Listeners
 * of `process` are among them.
 *
 * Returns undefined where the count would be wrong: in a worker, which does not
 * see the listeners of other threads; if there are listeners already, except
 * those of `processSignals` signals; if the functions cannot be replaced.
 */
export function countDenoListeners(
  processSignals: number,
  onRemoved: (signal: string) => void,
): DenoListeners | undefined {
  const { Deno: deno, WorkerGlobalScope } = globalThis as unknown as {
    readonly Deno: DenoNamespace;
    readonly WorkerGlobalScope?: unknown;
  };
  // The threads of `deno serve --parallel` are no workers in this sense.
  if (WorkerGlobalScope !== undefined) return undefined;
  if ((countOfSignals() ?? Infinity) > processSignals) return undefined;
  const { addSignalListener, removeSignalListener } = deno;
  const bySignal = new Map<string, Set<() => void>>();
  const add: Change = (signal, listener) => {
    addSignalListener(signal, listener);
    const listeners = bySignal.get(signal) ?? new Set();
    bySignal.set(signal, listeners.add(listener));
  };
  const remove: Change = (signal, listener) => {
    removeSignalListener(signal, listener);
    if (bySignal.get(signal)?.delete(listener)) onRemoved(signal);
  };
  const release = () => {
    // If they were wrapped again, the wrappers stay.
    if (deno.addSignalListener === add) {
      deno.addSignalListener = addSignalListener;
    }
    if (deno.removeSignalListener === remove) {
      deno.removeSignalListener = removeSignalListener;
    }
  };
  try {
    deno.addSignalListener = add;
    deno.removeSignalListener = remove;
  } catch {
    release();
    return undefined;
  }
  return { count: (signal) => bySignal.get(signal)?.size ?? 0, release };
}
