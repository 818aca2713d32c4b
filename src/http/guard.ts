/**
 * Guards endpoints by access and method, and answers refused requests in one line
 * of plain text.
 *
 * Every hook fails closed: the request is refused if a hook throws, rejects,
 * returns something unexpected, or does not settle.
 */
import { systemTimers, type Timers } from "../base/mod.ts";
import { ignoreRejection, within } from "../base/internal.ts";

/**
 * A hook that decides who may read: true admits the request; false answers 401
 * and asks for a bearer token; a `Response` is sent as it is, for another
 * challenge or a 403, and may be returned again; its body has at most 64 KiB. A hook that throws, returns
 * anything else, or takes longer than 5 seconds refuses the request.
 */
export type Authorize = (
  request: Request,
) => boolean | Response | Promise<boolean | Response>;

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

/** Seconds that `authorize` may take. */
const AUTHORIZE_SECONDS = 5;

/**
 * Calls `authorize`. Returns the response to a refused request; undefined if the
 * request is admitted or there is no `authorize`. Never rejects.
 */
export async function refusal(
  request: Request,
  authorize: Authorize | undefined,
  timers: Timers = systemTimers,
): Promise<Response | undefined> {
  if (authorize === undefined) return undefined;
  try {
    const verdict = await within(
      verdictOf(request, authorize, timers),
      AUTHORIZE_SECONDS,
      timers,
      false,
    );
    if (verdict instanceof Response) return verdict;
    if (verdict === true) return undefined;
  } catch {
    // Fail closed, without giving a reason.
  }
  // A challenge needs more than the scheme: RFC 6750, section 3.
  const challenge = { "www-authenticate": 'Bearer realm="metrics"' };
  return textResponse(401, "unauthorized", challenge);
}

async function verdictOf(
  request: Request,
  authorize: Authorize,
  timers: Timers,
): Promise<boolean | Response> {
  const verdict = await authorize(request);
  return verdict instanceof Response ? await copyOf(verdict, timers) : verdict;
}

/** The bodies of the responses of hooks, which can be read only once. */
const bodies = /* @__PURE__ */ new WeakMap<Response, Promise<Blob | null>>();

/** The maximum size of such a body, in bytes; a larger one is not sent. */
const MAX_BODY = 65_536;

/** Seconds in which such a body must be complete; a later one is not sent. */
const BODY_SECONDS = 1;

/** Returns the body of `response`; null if it is unreadable, large or late. */
async function bodyOf(
  response: Response,
  timers: Timers,
): Promise<Blob | null> {
  try {
    // `response` itself is read only when all of it is known to have arrived.
    const reader = response.clone().body!.getReader();
    const isComplete = await within(
      isShort(reader),
      BODY_SECONDS,
      timers,
      false,
    );
    if (isComplete) return await response.blob();
    ignoreRejection(reader.cancel());
    ignoreRejection(response.body!.cancel());
  } catch {
    // It was read elsewhere, or is broken.
  }
  return null;
}

/** Returns whether a body ends within `MAX_BODY`. */
async function isShort(
  reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read">,
): Promise<boolean> {
  for (let size = 0; size <= MAX_BODY;) {
    const { done, value } = await reader.read();
    if (done) return true;
    size += value.length;
  }
  return false;
}

/**
 * Returns a copy of `response`, which may have been sent before; without its body
 * if that is not available.
 */
async function copyOf(response: Response, timers: Timers): Promise<Response> {
  const { status, statusText } = response;
  let reading = bodies.get(response);
  if (reading === undefined) {
    reading = response.body === null
      ? Promise.resolve(null)
      : bodyOf(response, timers);
    bodies.set(response, reading);
  }
  const blob = await reading;
  const headers = new Headers(response.headers);
  // Bun adds the type of a text only when it sends the response.
  if (blob?.type && !headers.has("content-type")) {
    headers.set("content-type", blob.type);
  }
  // Not the blob itself: it would be sent without its length.
  const body = blob && await blob.arrayBuffer();
  return new Response(body, { status, statusText, headers });
}

/**
 * Returns an `Authorize` hook that admits requests with one of `tokens`
 * (`Authorization: Bearer …`).
 *
 * The comparison takes constant time.
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
  const isOne = isOneOf(tokens);
  return ({ headers }) => {
    const header = headers.get("authorization") ?? "";
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(header.slice(0, 8192)) ?? [];
    return isOne(token);
  };
}

/**
 * Returns a function that decides whether a text is one of `secrets`. It takes
 * constant time: it compares complete SHA-256 digests.
 */
export function isOneOf(
  secrets: readonly string[],
): (text: string) => Promise<boolean> {
  const expected = Promise.all(secrets.map(sha256));
  return async (text) => {
    const actual = await sha256(text);
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
