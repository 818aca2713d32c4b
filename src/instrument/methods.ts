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

/** A method as spans and metrics of clients name it; `_OTHER` if unknown. */
export type SpanMethod = typeof METHODS[number] | "_OTHER";

/** Returns the method for the attributes of a span. */
export function methodOf(method: string): SpanMethod {
  return KNOWN.has(method) ? method as SpanMethod : "_OTHER";
}

/** Returns the name of a span of a request; `target` is its route or peer. */
export function spanName(method: SpanMethod, target: string): string {
  const verb = method === "_OTHER" ? "HTTP" : method;
  return target === "" ? verb : `${verb} ${target}`;
}
