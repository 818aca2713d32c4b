/** Who may see an endpoint: the hook, and what those get who may not. */

/**
 * Decides on a request: true lets it in, false answers 401, a response is
 * given as it is. A hook that throws lets nobody in.
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
  return verdict === true ? undefined : new Response("unauthorized\n", {
    status: 401,
    headers: { "www-authenticate": "Bearer" },
  });
}
