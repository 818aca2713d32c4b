/** Requests whose client has left before it got its answer. */

/** The status of such a request, as proxies log it. No client receives it. */
export const CLIENT_LEFT = 499;

/** An answer in place of the failure that the departure has caused. */
export const LEFT_ANSWER = { status: CLIENT_LEFT } as Response;

/** How deep an error of a body may lie, as the cause of others. */
const MAX_CAUSES = 4;

/**
 * Returns whether the client of a failed request has left. Call it before the
 * answer is returned: on Deno the signal counts as aborted after any answer.
 * Never throws.
 */
export function hasClientLeft(
  request: Request,
  failed: boolean,
  outcome: unknown,
): boolean {
  try {
    if (failed && request.bodyUsed && isBrokenBody(outcome)) return true;
    return request.signal?.aborted === true;
  } catch {
    return false;
  }
}

/** Deno reports a client that leaves during its upload by this error alone. */
function isBrokenBody(error: unknown): boolean {
  let one = error as Partial<Error> | undefined;
  for (let depth = 0; depth < MAX_CAUSES && Object(one) === one; depth++) {
    const { name, message } = one!;
    // Closed files and sockets have errors of this name, too.
    if (name === "BadResource" && /\bbody\b/.test(String(message))) return true;
    one = one!.cause as Partial<Error> | undefined;
  }
  return false;
}
