/**
 * Decides which web pages may read an endpoint, and sends the headers that tell
 * their browsers.
 *
 * A browser names the origin of the page. A request without an `Origin` header
 * does not come from a page of another site: it is allowed here, and `authorize`
 * decides.
 */
import { callSafely } from "../base/internal.ts";
import { urlOf } from "./request_url.ts";

/**
 * The origins, such as `https://example.com`, whose web pages may read: `same`
 * (pages of the host of the endpoint), `any`, or in addition to `same` those in a
 * list or those for which a function returns true. Pages of origins that a list or a function allows may
 * also send tokens and cookies.
 */
export type Origins =
  | "same"
  | "any"
  | readonly string[]
  | ((origin: string) => boolean);

/** Returns whether `origins` is valid, each origin spelt as browsers send it. */
export function areOrigins(origins: unknown): origins is Origins {
  if (typeof origins === "function") return true;
  if (!Array.isArray(origins)) return origins === "same" || origins === "any";
  return origins.every((origin) =>
    typeof origin === "string" && URL.canParse(origin) &&
    new URL(origin).origin === origin
  );
}

/** Returns whether the page that sent the request may read the response. */
export function isOriginAllowed(request: Request, origins: Origins): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || origins === "any") return true;
  if (isSameOrigin(request, origin)) return true;
  if (typeof origins === "function") {
    return callSafely(origins, origin) === true; // fail closed
  }
  return origins !== "same" && origins.includes(origin);
}

/**
 * Returns whether a page of `origin` belongs to the host of the request. If the
 * browser says so itself, that alone decides: it knows the address before any
 * proxy. Otherwise hosts are compared. Proxies may replace `Host` and pass the
 * original one on in other headers, which no page can set without a preflight.
 */
function isSameOrigin(request: Request, origin: string): boolean {
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const forwarded = /(?:^|[;,\s])host="?([^",;\s]+)/i
    .exec(headers.get("forwarded")?.slice(0, MAX_HEADER) ?? "")?.[1];
  const hosts = [
    headers.get("host") ?? hostOf(urlOf(request)),
    headers.get("x-forwarded-host")?.split(",", 1)[0]?.trim(),
    forwarded,
  ];
  return hosts.some((host) => host !== undefined && isHostOf(origin, host));
}

/** The maximum length of a header that is searched by a pattern. */
const MAX_HEADER = 4096;

/**
 * Returns whether `host` is the host of `origin`. The default port may be spelt
 * out; a host without a port stands for all ports, since proxies drop them.
 */
function isHostOf(origin: string, host: string): boolean {
  if (!/^[^/?#@\\\s]{1,300}$/.test(host)) return false;
  try {
    const page = new URL(origin);
    const own = new URL(`${page.protocol}//${host}`);
    const hasPort = /:\d+$/.test(host);
    return hasPort ? own.host === page.host : own.hostname === page.hostname;
  } catch {
    return false; // sandboxed pages send the origin "null"
  }
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

/** Headers that let the page of an allowed origin read the response. */
export function corsHeaders(
  { headers }: Request,
  origins: Origins,
): Record<string, string> {
  const origin = headers.get("origin");
  if (origin === null) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    // Never for everyone: any page could read with the cookies of its visitor.
    ...typeof origins !== "string" && {
      "access-control-allow-credentials": "true",
    },
  };
}

/**
 * Answers a preflight, by which a browser asks whether a page may send a request
 * with a token. It never carries the token itself, so `authorize` cannot decide.
 */
export function preflightResponse(
  { method, headers }: Request,
  cors: Readonly<Record<string, string>>,
): Response | undefined {
  const isPreflight = method === "OPTIONS" && headers.has("origin") &&
    headers.has("access-control-request-method");
  if (!isPreflight) return undefined;
  const names = headers.get("access-control-request-headers") ?? "";
  const isList = /^[\w!#$%&'*+.^`|~, -]{1,1000}$/.test(names);
  return new Response(null, {
    status: 204,
    headers: {
      ...cors,
      vary: "Origin, Access-Control-Request-Headers",
      "access-control-allow-methods": "GET, HEAD",
      ...isList && { "access-control-allow-headers": names },
    },
  });
}

/** Adds `cors` to a response, so that the page can read why it was refused. */
export function withCors<R extends Response | undefined>(
  response: R,
  cors: Readonly<Record<string, string>>,
): R {
  for (const [name, value] of Object.entries(cors)) {
    if (name === "vary") response?.headers.append(name, value);
    else response?.headers.set(name, value);
  }
  return response;
}
