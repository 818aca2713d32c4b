/** The source text of functions, by which a `fetch` is known as the runtime's. */

/** Returns whether a function is named `fetch` and its text matches `pattern`. */
export function isFetch(value: unknown, pattern: RegExp): boolean {
  try {
    return (value as { readonly name?: unknown }).name === "fetch" &&
      pattern.test(Function.prototype.toString.call(value));
  } catch {
    return false;
  }
}

/** Returns the text of a header, which is in Latin-1, read as UTF-8. */
export function utf8Of(header: string): string {
  const bytes = Uint8Array.from(header, (char) => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/** Returns a URL as the standard reads a location. */
export function standardUrl(location: string, from: URL): URL {
  return new URL(location, from);
}
