/**
 * Reads the address of a request. A runtime may throw at that if the request has a
 * malformed `Host`.
 */

/** Returns the URL of `request`; an empty string if it cannot be read. */
export function urlOf(request: Request): string {
  try {
    return request.url;
  } catch {
    return "";
  }
}

/**
 * Returns the query of `request` from its `?` on, with a fragment if there is one;
 * an empty string if there is none.
 */
export function queryOf(request: Request): string {
  const url = urlOf(request);
  const from = url.indexOf("?");
  return from < 0 ? "" : url.slice(from);
}
