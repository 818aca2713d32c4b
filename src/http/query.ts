/**
 * Returns the query of `request` from its `?` on, with a fragment if there is one;
 * an empty string if there is none. A runtime may throw when it reads the address
 * of a request with a malformed `Host`: such a request has no query.
 */
export function queryOf(request: Request): string {
  let url: string;
  try {
    url = request.url;
  } catch {
    return "";
  }
  const from = url.indexOf("?");
  return from < 0 ? "" : url.slice(from);
}
