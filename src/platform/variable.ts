/** The environment variables of `process`. */

interface Global {
  readonly process?: {
    readonly env?: Readonly<Record<string, unknown>>;
  };
}

/** Returns a variable of `process.env`; undefined without one. Never throws. */
export function processVariable(name: string): string | undefined {
  try {
    const value = (globalThis as Global).process?.env?.[name];
    // A stand-in for `process` may hold anything.
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined; // not permitted
  }
}
