/** Asking the user's functions: a measurement must not fail the work. */

/** What `ask` says of `about`; undefined if it throws. */
export function asked<A, R>(ask: (about: A) => R, about: A): R | undefined {
  try {
    return ask(about);
  } catch {
    return undefined;
  }
}
