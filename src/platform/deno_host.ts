/**
 * The server that `deno serve` runs for a module, and its end.
 *
 * At SIGINT or SIGTERM, `deno serve` stops its server, and ends once nothing else
 * keeps the event loop alive. It has no event for that, but first it removes its
 * listeners by the function that programs use, too.
 */

type Change = (signal: string, listener: () => void) => void;

interface DenoNamespace {
  removeSignalListener: Change;
}

const works = new Set<() => void>();
let unwatch: (() => void) | undefined;

/**
 * Calls `work` when `deno serve` stops its server, until the result is called. Does
 * nothing in other programs, and where the function cannot be replaced.
 */
export function onHostStop(work: () => void): () => void {
  works.add(work);
  unwatch ??= watch();
  return () => {
    works.delete(work);
    if (works.size > 0) return;
    unwatch?.();
    unwatch = undefined;
  };
}

function watch(): () => void {
  const { Deno } = globalThis as unknown as { readonly Deno: DenoNamespace };
  const original = Deno.removeSignalListener;
  const remove: Change = (signal, listener) => {
    // The host removes a listener of each signal.
    if (signal === "SIGTERM" && isCalledByHost()) {
      for (const work of works) queueMicrotask(work);
    }
    original(signal, listener);
  };
  try {
    Deno.removeSignalListener = remove;
  } catch {
    // `Deno` is frozen.
  }
  return () => {
    // If it was wrapped again, the wrapper needs it.
    if (Deno.removeSignalListener === remove) {
      Deno.removeSignalListener = original;
    }
  };
}

/** Returns whether Deno's own code for `deno serve` is among the callers. */
function isCalledByHost(): boolean {
  const { stack } = new Error();
  return /at shutdownHandler \(ext:deno_http\//.test(String(stack));
}
