/**
 * Modules of Node's standard library, which Deno and Bun have too.
 *
 * They are looked up when needed, never imported: a program that does not use a
 * module does not load it, and bundles for browsers need no polyfills.
 */

interface Process {
  getBuiltinModule?(name: string): unknown;
}

interface Global {
  readonly process?: Process;
  readonly Deno?: unknown;
}

let isLoaded = false;

/**
 * Returns a module such as `node:zlib`; undefined if the runtime has none.
 *
 * Deno adds properties to the global object when it loads the first module, and
 * ends the program if it cannot: on a frozen one, there are no modules then.
 */
export function builtin<T>(
  name: string,
  process: Process | undefined = (globalThis as Global).process,
): T | undefined {
  const { Deno } = globalThis as Global;
  const isFrozen = Deno !== undefined && !Object.isExtensible(globalThis);
  if (isFrozen && !isLoaded) return undefined;
  try {
    const found = process?.getBuiltinModule?.(name) as T | undefined;
    isLoaded = true;
    return found;
  } catch {
    return undefined; // Bun with a frozen Object.prototype
  }
}
