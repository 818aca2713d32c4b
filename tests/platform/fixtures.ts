/** Replaces global objects, to imitate other runtimes. */

/** The real `Bun` where it exists, since it cannot be replaced; else a fake. */
export const BUN: { readonly version: string } =
  (globalThis as { readonly Bun?: { readonly version: string } }).Bun ??
    { version: "1.4.5" };

/** Runs `work` with other values of global variables. */
export function withGlobals(
  values: Readonly<Record<string | symbol, unknown>>,
  work: () => void,
): void {
  const global = globalThis as Record<string | symbol, unknown>;
  const names = Reflect.ownKeys(values);
  const originals = names.map((name) =>
    [name, Object.getOwnPropertyDescriptor(global, name)] as const
  );
  try {
    for (const name of names) {
      const value = values[name];
      if (global[name] === value) continue;
      Object.defineProperty(global, name, { value, configurable: true });
    }
    work();
  } finally {
    for (const [name, original] of originals) {
      if (original?.value === BUN) continue;
      if (original === undefined) delete global[name];
      else Object.defineProperty(global, name, original);
    }
  }
}
