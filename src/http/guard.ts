/**
 * Guards endpoints by access, origin and method, and answers refused requests in
 * one line of plain text.
 *
 * Every hook fails closed: the request is refused if a hook throws, rejects or
 * returns something unexpected.
 */

/**
 * A hook that decides who may read: true admits the request; false answers 401
 * and asks for a bearer token; a `Response` is sent unchanged, for another
 * challenge or a 403. A hook that throws or returns anything else refuses the
 * request.
 */
export type Authorize = (
  request: Request,
) => boolean | Response | Promise<boolean | Response>;

/**
 * The origins, such as `https://example.com`, whose web pages may read: `same`
 * (pages of the host of the endpoint), `any`, those in a list, or those for which
 * a function returns true.
 */
export type Origins =
  | "same"
  | "any"
  | readonly string[]
  | ((origin: string) => boolean);

const encoder = /* @__PURE__ */ new TextEncoder();

/** Returns a response with one line of plain text. */
export function textResponse(
  status: number,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${line}\n`, {
    status,
    // Set explicitly: Bun adds it only when it sends the response.
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/**
 * Answers every method but GET and HEAD: 204 to OPTIONS if `allow` lists it,
 * 405 otherwise. Returns undefined for GET and HEAD.
 *
 * `headers` are added to the 204.
 */
export function methodResponse(
  method: string,
  allow: "GET, HEAD" | "GET, HEAD, OPTIONS",
  headers: Readonly<Record<string, string>> = {},
): Response | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  if (method === "OPTIONS" && allow !== "GET, HEAD") {
    return new Response(null, { status: 204, headers: { allow, ...headers } });
  }
  return textResponse(405, `use one of ${allow}`, { allow });
}

/**
 * Calls `authorize`. Returns the response to a refused request; undefined if the
 * request is admitted or there is no `authorize`.
 */
export async function refusal(
  request: Request,
  authorize: Authorize | undefined,
): Promise<Response | undefined> {
  if (authorize === undefined) return undefined;
  let verdict: boolean | Response;
  try {
    verdict = await authorize(request);
  } catch {
    verdict = false; // fail closed, without giving a reason
  }
  if (verdict instanceof Response) return verdict;
  if (verdict === true) return undefined;
  // A challenge needs more than the scheme: RFC 6750, section 3.
  const challenge = { "www-authenticate": 'Bearer realm="metrics"' };
  return textResponse(401, "unauthorized", challenge);
}

/**
 * Returns an `Authorize` hook that admits requests with one of `tokens`
 * (`Authorization: Bearer …`).
 *
 * The comparison takes constant time: it compares complete SHA-256 digests.
 *
 * @throws {TypeError} If there is no token, or if a token is empty.
 */
export function bearer(...tokens: readonly string[]): Authorize {
  const isToken = (token: unknown) => typeof token === "string" && token !== "";
  if (tokens.length === 0 || !tokens.every(isToken)) {
    throw new TypeError(
      "Cannot require a bearer token: a token is missing or empty; " +
        'try bearer("4bf92f3577b34da6")',
    );
  }
  const expected = Promise.all(tokens.map(sha256));
  return async ({ headers }) => {
    const header = headers.get("authorization") ?? "";
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(header.slice(0, 8192)) ?? [];
    const actual = await sha256(token);
    let found = 0;
    for (const digest of await expected) found |= isEqual(digest, actual);
    return found === 1;
  };
}

async function sha256(text: string): Promise<Uint8Array> {
  const bytes = encoder.encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Returns 1 if two digests are equal, else 0, in constant time. */
function isEqual(a: Uint8Array, b: Uint8Array): number {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0 ? 1 : 0;
}

/** Returns whether `origins` is valid, each origin spelt as browsers send it. */
export function areOrigins(origins: unknown): origins is Origins {
  if (typeof origins === "function") return true;
  if (!Array.isArray(origins)) return origins === "same" || origins === "any";
  return origins.every((origin) =>
    typeof origin === "string" && URL.canParse(origin) &&
    new URL(origin).origin === origin
  );
}

/**
 * Returns whether the page that sent the request may read the response. A
 * request without an `Origin` header does not come from a page of another site;
 * it is allowed here, and `authorize` decides.
 */
export function isOriginAllowed(request: Request, origins: Origins): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || origins === "any") return true;
  if (typeof origins === "function") {
    try {
      return origins(origin) === true;
    } catch {
      return false; // fail closed
    }
  }
  if (origins === "same") return hostOf(origin) === requestHost(request);
  return origins.includes(origin);
}

/** Returns the headers that let a page of another site read the response. */
export function corsHeaders(request: Request): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === null) return { vary: "Origin" };
  return { vary: "Origin", "access-control-allow-origin": origin };
}

/** Returns the host that the client addressed; a proxy may change the URL. */
function requestHost(request: Request): string | undefined {
  return (request.headers.get("host") ?? hostOf(request.url))?.toLowerCase();
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).host;
  } catch {
    return undefined; // sandboxed pages send the origin "null"
  }
}
