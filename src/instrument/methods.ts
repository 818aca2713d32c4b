/**
 * The HTTP methods that labels and spans may contain. Clients can send any other
 * method, so label cardinality would be unbounded.
 */

/** The methods of RFC 9110, section 9, and RFC 5789. */
export const METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];

/** OpenTelemetry's name for all other methods. */
export const OTHER_METHOD = "_OTHER";

/** Returns the name of a span of a request; `target` is its route or peer. */
export function spanName(method: string, target: string): string {
  const verb = method === OTHER_METHOD ? "HTTP" : method;
  return target === "" ? verb : `${verb} ${target}`;
}
