/** Requests whose client has left before it got its answer. */
import { signalOf } from "../platform/internal.ts";

/** The status of such a request, as proxies log it. No client receives it. */
export const CLIENT_LEFT = 499;

/** An answer in place of the failure that the departure has caused. */
export const LEFT_ANSWER = { status: CLIENT_LEFT } as Response;

/** How deep an error of a request may lie, as the cause of others. */
const MAX_CAUSES = 4;

/**
 * Messages of Deno for a body that was broken off, and for one that is malformed.
 * `fetch` and libraries give these errors other names, but keep the messages.
 */
const BROKEN_BODY =
  /^(Cannot read (request )?body as underlying resource unavailable$|invalid HTTP\/1 request: )/;

/** The reason of Deno's signal; programs may have errors of these words. */
const CANCELLED = "The request has been cancelled.";

/**
 * Returns whether the client of a failed request has left; `cause` is the error
 * of the failure, if there is one. Call it before the answer is returned: on Deno
 * the signal counts as aborted after any answer. Never throws.
 */
export function hasClientLeft(request: Request, cause: unknown): boolean {
  try {
    // Closed files have the error of a body, too: the request must have one.
    const error = departureIn(cause);
    if (error === "signal") return true;
    if (error === "body" && request.body !== null) return true;
    return signalOf(request)?.aborted === true;
  } catch {
    return false;
  }
}

/** Returns which error of a request `error` is, or has as a cause. */
function departureIn(error: unknown): "signal" | "body" | undefined {
  let one = error as Partial<Error> | undefined;
  for (let depth = 0; depth < MAX_CAUSES && Object(one) === one; depth++) {
    const { name, message } = one!;
    if (name === "AbortError" && message === CANCELLED) return "signal";
    if (BROKEN_BODY.test(String(message))) return "body";
    one = one!.cause as Partial<Error> | undefined;
  }
  return undefined;
}
