/** Calls of functions that users pass as options. */

/**
 * Returns what `of` returns for `argument`; undefined if it throws. A
 * measurement must not fail the work that it measures.
 */
export function callSafely<A, R>(
  of: (argument: A) => R,
  argument: A,
): R | undefined {
  try {
    return of(argument);
  } catch {
    return undefined;
  }
}
