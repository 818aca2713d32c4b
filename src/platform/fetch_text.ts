/** The source text of functions, by which a `fetch` is known as the runtime's. */

/** Returns the source text of a function named `fetch`; "" for anything else. */
export function fetchText(value: unknown): string {
  try {
    return (value as { readonly name?: unknown }).name === "fetch"
      ? Function.prototype.toString.call(value)
      : "";
  } catch {
    return "";
  }
}

/** Returns a URL as the standard reads a location. */
export function standardUrl(location: string, from: URL): URL {
  return new URL(location, from);
}
