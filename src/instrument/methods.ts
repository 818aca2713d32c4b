/**
 * The HTTP methods that labels and spans may contain. Clients can send any other
 * method, so label cardinality would be unbounded.
 */

/** The methods of RFC 9110, section 9, and RFC 5789. */
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

/** Returns the method for a span; `_OTHER` for an unknown one. */
export function methodOf({ method }: { readonly method: string }): string {
  return KNOWN.has(method) ? method : "_OTHER";
}
