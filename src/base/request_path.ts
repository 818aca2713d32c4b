/**
 * The path of a request, read from its URL as text.
 *
 * A URL of a server is not always one that `new URL` accepts: Bun gives a path
 * alone if the request has no valid `Host`, and all runtimes put a malformed
 * `Host` in front of the path.
 */

/** Returns the index in `url` at which its path begins, or would begin. */
function pathStart(url: string): number {
  if (url.startsWith("/")) return 0;
  const scheme = url.indexOf("://");
  let at = scheme < 0 ? 0 : scheme + 3;
  while (at < url.length && !isDelimiter(url.charCodeAt(at))) at++;
  return at;
}

/** Returns whether a character ends the host of a URL: one of `/`, `?`, `#`. */
function isDelimiter(code: number): boolean {
  return code === 0x2f || code === 0x3f || code === 0x23;
}

/** Returns the path of `url`, without query and fragment; never throws. */
export function pathOf(url: string): string {
  const from = pathStart(url);
  if (url[from] !== "/") return "/";
  const query = url.indexOf("?", from);
  const fragment = url.indexOf("#", from);
  const end = query < 0 || (fragment >= 0 && fragment < query)
    ? fragment
    : query;
  return end < 0 ? url.slice(from) : url.slice(from, end);
}

/** Returns whether `path` is the path of `url`, without allocation. */
export function isAtPath(url: string, path: string): boolean {
  const from = pathStart(url);
  if (!url.startsWith(path, from)) return false;
  const next = url[from + path.length];
  return next === undefined || next === "?" || next === "#";
}
