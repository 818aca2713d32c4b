/**
 * Follows redirects as `fetch` does (https://fetch.spec.whatwg.org, "HTTP-redirect
 * fetch"), with the difference that trace context stays at its origin.
 */

/** A body that can be sent: null if it cannot be sent twice. */
type Body = RequestInit["body"];

/** A header as `fetch` accepts it. */
export type Header = [name: string, value: string];

/** Returns the name of a header in lower case. */
export function nameOf([name]: Header): string {
  return String(name).toLowerCase();
}

/** Returns `headers` without those that have one of `names`, in lower case. */
export function withoutNames(
  headers: readonly Header[],
  names: readonly string[],
): Header[] {
  return headers.filter((header) => !names.includes(nameOf(header)));
}

/** A call whose response may be a redirect. */
export interface Redirectable {
  readonly url: URL;
  /** Returns the method of the call, once it was sent. */
  method(): string;
  /** Returns the body of the call, once it was sent. */
  body(): Body | Promise<Body>;
  /** All headers, those of `context` among them. */
  readonly headers: readonly Header[];
  readonly context: readonly Header[];
  /** Returns whether the context may be sent to a URL. */
  allows(url: URL): boolean;
  /** Sends the next request. */
  send(url: string, changes: RequestInit): Promise<Response>;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** After these, the platform follows: it has a limit and an error for it. */
const MAX_HOPS = 20;

/** Headers that describe a body, which a redirect to GET does not have. */
const BODY_HEADERS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
];

/** Headers for one origin. */
const ORIGIN_HEADERS = [
  "authorization",
  "cookie",
  "host",
  "proxy-authorization",
];

/** Resolves to the response after all redirects. */
export async function afterRedirects(
  first: Promise<Response>,
  call: Redirectable,
): Promise<Response> {
  let { url, headers } = call;
  let response = await first;
  let location = locationOf(response);
  if (location === null) return response;
  let method = call.method();
  let body = await call.body();
  for (let hops = 1; location !== null; hops++) {
    response.body?.cancel().catch(() => {});
    const next = nextUrl(location, url);
    const { status } = response;
    if (status !== 303 && isUnrepeatable(body)) {
      throw new TypeError(
        "Cannot follow a redirect: a stream cannot be sent again",
      );
    }
    if (becomesGet(status, method)) {
      method = "GET";
      body = undefined;
      headers = withoutNames(headers, BODY_HEADERS);
    }
    const isSameOrigin = next.origin === url.origin;
    if (!isSameOrigin) headers = withoutNames(headers, ORIGIN_HEADERS);
    const propagates = isSameOrigin && hops < MAX_HOPS && call.allows(next);
    if (!propagates) headers = withoutNames(headers, call.context.map(nameOf));
    response = await call.send(next.href, {
      method,
      headers: [...headers],
      redirect: propagates ? "manual" : "follow",
      body: body ?? null, // undefined would leave that of the call
    });
    location = propagates ? locationOf(response) : null;
    url = next;
  }
  return asRedirected(response);
}

/** Returns where a response redirects to; null if it does not. */
function locationOf({ status, headers }: Response): string | null {
  return REDIRECTS.has(status) ? headers.get("location") : null;
}

function nextUrl(location: string, url: URL): URL {
  const next = new URL(location, url);
  if (!/^https?:$/.test(next.protocol)) {
    throw new TypeError(
      `Cannot follow a redirect to ${next.protocol}: it is not http or https`,
    );
  }
  next.hash = ""; // the URL of a response has none
  return next;
}

/** Returns whether the request after a redirect is a GET without a body. */
function becomesGet(status: number, given: string): boolean {
  const method = given.toUpperCase();
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

function isUnrepeatable(body: Body): boolean {
  if (typeof body === "function") return true; // Bun's generators of bodies
  return body === null ||
    typeof body === "object" && Symbol.asyncIterator in body;
}

/** The platform does not know of the redirects that it has not followed. */
function asRedirected(response: Response): Response {
  const clone = response.clone.bind(response);
  return Object.defineProperties(response, {
    redirected: { value: true, configurable: true },
    clone: {
      value: () => asRedirected(clone() as Response),
      configurable: true,
    },
  });
}
