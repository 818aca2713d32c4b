/** Objects with some members of another one replaced. */

/**
 * Returns an object with all members of `original`, except for those in
 * `changes`. The members are read when they are used, on `original` itself: its
 * getters, its class and its unknown members keep their meaning. `seen` receives
 * the values that were read. For the `fetch` of a runtime, which lists no keys.
 */
export function overridden<T extends object>(
  original: T,
  changes: { readonly [K in keyof T]?: T[K] | undefined },
  seen: Partial<T>,
): T {
  const members: Record<PropertyKey, unknown> = { __proto__: null, ...changes };
  // The target has no members: those of a frozen one could not be replaced.
  return new Proxy<object>({}, {
    get: (_, key) =>
      (seen as typeof members)[key] = key in members
        ? members[key]
        : Reflect.get(original, key),
    has: (_, key) => key in members || Reflect.has(original, key),
  }) as T;
}

/** Members of an init that a class or a proxy may have, too. */
const MEMBERS = [
  "method",
  "body",
  "signal",
  "redirect",
  "duplex",
  "cache",
  "credentials",
  "integrity",
  "keepalive",
  "mode",
  "referrer",
  "referrerPolicy",
] as const;

/** Returns a plain object with the members of `init`, and with `changes`. */
export function plainCopy(
  init: RequestInit,
  changes: RequestInit,
): RequestInit {
  const members: Record<string, unknown> = { ...init };
  for (const name of MEMBERS) {
    if (Object.hasOwn(members, name)) continue;
    const value = (init as Record<string, unknown>)[name];
    if (value !== undefined) members[name] = value;
  }
  return Object.assign(members, changes);
}
