/**
 * The path of a request, read from its URL as text.
 *
 * A URL of a server is not always one that `new URL` accepts: Bun gives a path
 * alone if the request has no valid `Host`, and all runtimes put a malformed
 * `Host` in front of the path.
 */

const SLASH = 0x2f;

/** Returns the index in `url` after its scheme, if it has one. */
function hostStart(url: string): number {
  return url.charCodeAt(0) === SLASH ? 0 : url.indexOf("://") + 3;
}

/** Returns the index at which query or fragment begin, from `start` on. */
function pathEnd(url: string, start: number): number {
  const query = url.indexOf("?", start);
  const fragment = url.indexOf("#", start);
  if (fragment < 0) return query < 0 ? url.length : query;
  return query < 0 ? fragment : Math.min(query, fragment);
}

/** Returns the path of `url`, without query and fragment; never throws. */
export function pathOf(url: string): string {
  const start = hostStart(url);
  const slash = url.indexOf("/", start);
  const end = pathEnd(url, start);
  return slash < 0 || slash > end ? "/" : url.slice(slash, end);
}

/** Returns whether the path of `url` is `path`, or below; allocates nothing. */
export function isUnderPath(url: string, path: string): boolean {
  const start = hostStart(url);
  const slash = url.indexOf("/", start);
  if (!url.startsWith(path, slash)) return false;
  const next = slash + path.length;
  const end = pathEnd(url, start);
  return next === end || next < end && url.charCodeAt(next) === SLASH;
}

/** Returns whether `path` is the path of `url`; allocates nothing. */
export function isAtPath(url: string, path: string): boolean {
  const start = hostStart(url);
  const slash = url.indexOf("/", start);
  // Most requests end here, so the end of the path is sought last.
  return url.startsWith(path, slash) &&
    slash + path.length === pathEnd(url, start);
}
