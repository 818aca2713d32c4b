/** Who may see an endpoint: the hook, and what those get who may not. */
import { plain } from "./plain.ts";

/**
 * Decides on a request: true lets it in, false answers 401 and asks for a
 * bearer token, a response is given as it is (for another challenge, or a
 * 403). A hook that throws, or says anything else, lets nobody in.
 */
export type Authorize = (
  request: Request,
) => boolean | Response | Promise<boolean | Response>;

/** The answer to who is not let in; undefined for who is. */
export async function refusal(
  request: Request,
  authorize: Authorize | undefined,
): Promise<Response | undefined> {
  if (authorize === undefined) return undefined;
  let verdict: boolean | Response;
  try {
    verdict = await authorize(request);
  } catch {
    verdict = false; // a broken lock stays shut, and does not say why
  }
  if (verdict instanceof Response) return verdict;
  if (verdict === true) return undefined;
  // The scheme alone is no challenge: RFC 6750, section 3.
  const challenge = { "www-authenticate": 'Bearer realm="metrics"' };
  return plain(401, "unauthorized", challenge);
}
