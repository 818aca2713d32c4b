/** Making several things that must all be made, or none. */

/**
 * Calls `makers` in order, and returns what they made. If one throws, disposes of
 * what the others made before, and throws its error.
 */
export function makeAll<T extends object>(makers: readonly (() => T)[]): T[] {
  const made: T[] = [];
  try {
    for (const make of makers) made.push(make());
  } catch (error) {
    disposeAll(made);
    throw error;
  }
  return made;
}

/** Disposes of those of `parts` that are disposable. */
export function disposeAll(parts: readonly object[]): void {
  for (const part of parts) (part as Partial<Disposable>)[Symbol.dispose]?.();
}
