/**
 * Follows redirects as `fetch` does (https://fetch.spec.whatwg.org, "HTTP-redirect
 * fetch"), with the difference that trace context stays at its origin.
 */

import type { nextUrlOf } from "../platform/internal.ts";
import { isUnrepeatable } from "./repeatable_body.ts";

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
  /** Returns where a response redirects to; undefined if it does not. */
  readonly nextUrl: NonNullable<ReturnType<typeof nextUrlOf>>;
  /** Returns the method of the call, once it was sent. */
  method(): string;
  /** The body for another request. */
  readonly body: RequestInit["body"];
  /** Returns all headers, those of `context` among them. */
  headers(): readonly Header[];
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
  let { url, body } = call;
  let response = await first;
  let next = nextUrl(response, call, url);
  if (next === undefined) return response;
  let headers = call.headers();
  let method = call.method();
  for (let hops = 1; next !== undefined; hops++) {
    response.body?.cancel().catch(() => {});
    const { status } = response;
    if (status !== 303 && isUnrepeatable(body)) {
      throw new TypeError(
        "Cannot follow a redirect: a stream cannot be sent again",
      );
    }
    if (becomesGet(status, method)) {
      method = "GET";
      body = null;
      headers = withoutNames(headers, BODY_HEADERS);
    }
    const isSameOrigin: boolean = next.origin === url.origin;
    if (!isSameOrigin) headers = withoutNames(headers, ORIGIN_HEADERS);
    const propagates: boolean = isSameOrigin && hops < MAX_HOPS &&
      call.allows(next);
    if (!propagates) headers = withoutNames(headers, call.context.map(nameOf));
    const changes: RequestInit = {
      method,
      headers: [...headers],
      redirect: propagates ? "manual" : "follow",
      body: body ?? null, // undefined would leave that of the call
    };
    // The socket that a call of Bun names belongs to its origin.
    if (!isSameOrigin) Object.assign(changes, { unix: undefined });
    response = await call.send(next.href, changes);
    url = next;
    next = propagates ? nextUrl(response, call, url) : undefined;
  }
  return asRedirected(response);
}

function nextUrl(
  { status, headers }: Response,
  call: Redirectable,
  url: URL,
): URL | undefined {
  const location = REDIRECTS.has(status) ? headers.get("location") : null;
  const next = location === null ? undefined : call.nextUrl(location, url);
  if (next === undefined) return undefined;
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
