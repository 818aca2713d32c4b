/**
 * Modules of Node's standard library, which Deno and Bun have too.
 *
 * They are looked up and never imported: a program that does not use them does
 * not load them, and bundles for browsers need no stand-ins.
 */

interface Global {
  readonly process?: { getBuiltinModule?(name: string): unknown };
}

/** Returns a module such as `node:zlib`; undefined if the runtime has none. */
export function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as Global;
  return process?.getBuiltinModule?.(name) as T | undefined;
}
