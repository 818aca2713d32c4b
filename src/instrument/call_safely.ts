/** Calls functions that users pass as options. */

/**
 * Calls `read` with `argument` and returns the result; undefined if it throws. A
 * measurement must not fail the work that it measures.
 */
export function callSafely<A, R>(
  read: (argument: A) => R,
  argument: A,
): R | undefined {
  try {
    return read(argument);
  } catch {
    return undefined;
  }
}
