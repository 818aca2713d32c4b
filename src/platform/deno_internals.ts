/**
 * Facts that only the internals of Deno report. Each reader has an answer for a
 * Deno that lacks them.
 */

interface Internals {
  readonly core?: { resources?(): Readonly<Record<string, string>> };
  getCachedAbortSignal?(request: Request): AbortSignal | undefined;
}

interface DenoNamespace {
  readonly internal: symbol;
  readonly [internals: symbol]: Internals | undefined;
}

function internals(): Internals | undefined {
  const { Deno } = globalThis as unknown as {
    readonly Deno?: DenoNamespace;
  };
  return Deno?.[Deno.internal];
}

/**
 * Returns how many signals this thread listens for; undefined if that is unknown.
 * Several listeners of one signal count once.
 */
export function countOfSignals(): number | undefined {
  const resources = internals()?.core?.resources?.();
  return resources &&
    Object.values(resources).filter((name) => name === "signal").length;
}

/**
 * Returns the signal of a request. On Deno, undefined if nobody has read it: the
 * first read creates it, too late to report a departure, and makes `Deno.serve`
 * print a warning.
 */
export function signalOf(request: Request): AbortSignal | undefined {
  return "Deno" in globalThis
    ? internals()?.getCachedAbortSignal?.(request)
    : request.signal;
}
