/** Values that all copies of this module in a process share. */

type Shared = Record<symbol, unknown>;

/** Values of this copy, if the global object takes no properties. */
const own: Shared = {};

/**
 * Returns the value under `key` of the global object, created at first use. If
 * the global object is frozen meanwhile, each copy of the module has its own.
 */
export function processWide<T>(key: symbol, create: () => T): T {
  const shared = globalThis as Shared;
  const existing = shared[key] ?? own[key];
  if (existing !== undefined) return existing as T;
  const value = create();
  const target = Object.isExtensible(shared) ? shared : own;
  target[key] = value;
  return value;
}
