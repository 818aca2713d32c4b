/**
 * Modules of Node's standard library, which Deno and Bun have too.
 *
 * They are looked up when needed, never imported: a program that does not use a
 * module does not load it, and bundles for browsers need no polyfills.
 */

interface Global {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

/** Returns a module such as `node:zlib`; undefined if the runtime has none. */
export function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as Global;
  return process?.getBuiltinModule?.(name) as T | undefined;
}
