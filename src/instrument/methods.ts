/** The methods of HTTP that are told by their names: never what a client made up. */

/** By RFC 9110, section 9, and RFC 5789. */
export const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
] as const;

const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** The method as spans tell of it; `_OTHER` for any that is not known. */
export function methodOf({ method }: { readonly method: string }): string {
  return KNOWN.has(method) ? method : "_OTHER";
}
