/**
 * Checks which host a request names, against DNS rebinding: a web site can make
 * its own name resolve to 127.0.0.1, and its pages then read what a server of
 * this machine answers. The `Host` of such a request is the name of that site.
 */
import { urlOf } from "./request_url.ts";
import { isPrivateName, type OptionRule, rule } from "../base/internal.ts";
import { textResponse } from "./guard.ts";

/**
 * The names, such as `metrics.example`, by which clients may address an endpoint,
 * besides those that no web page can have: IP addresses, names without a dot,
 * and names below `localhost`, `local`, `home.arpa`, `internal`, `lan` and `svc`;
 * or `any`.
 */
export type Hosts = "any" | readonly string[];

/** The rule of an option `hosts`. */
export const HOSTS: OptionRule<Hosts | undefined> = /* @__PURE__ */ rule<Hosts>(
  (value) =>
    value === "any" ||
    (Array.isArray(value) &&
      value.every((name) =>
        typeof name === "string" && /^[a-z0-9._-]{1,253}$/i.test(name)
      )),
  '"any" or a list of names without ports, such as ["metrics.example"]',
);

/**
 * Returns the response to a request that names another host than `hosts` allows;
 * undefined if the request is admitted.
 *
 * A request without a `Host` is admitted: no browser sends one.
 */
export function hostRefusal(
  request: Request,
  hosts: Hosts,
): Response | undefined {
  if (isHostAllowed(request, hosts)) return undefined;
  // The name itself is not repeated: a client has chosen it.
  return textResponse(
    403,
    'this host is not allowed; to allow it, give hosts: ["its.name"] on the server',
  );
}

/** Returns whether the host that a request names is one of `hosts`. */
export function isHostAllowed(request: Request, hosts: Hosts): boolean {
  if (hosts === "any") return true;
  const host = request.headers.get("host") ?? urlHost(urlOf(request));
  const name = host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
  return isPrivate(name) ||
    hosts.some((allowed) => allowed.toLowerCase() === name);
}

/** Returns the host of a URL: HTTP/2 has no `Host` header. */
function urlHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

/**
 * Returns whether `name` is an address, or a name that no public site can have.
 */
function isPrivate(name: string): boolean {
  return /^(?:\d{1,3}\.){3}\d{1,3}$|^\[[0-9a-f:.]+\]$/.test(name) ||
    /^[\w.-]*$/.test(name) && isPrivateName(name);
}

/**
 * Returns whether only programs of this machine reach the address `hostname`, in
 * any spelling that an operating system reads, such as `127.1`.
 */
export function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  const url = `http://${address.includes(":") ? `[${address}]` : address}`;
  if (!URL.canParse(url)) return false;
  // The URL has the shortest spelling: IPv4 in four decimals, IPv6 in hex.
  const name = new URL(url).hostname.replace(/\.$/, "");
  return /^127\.\d+\.\d+\.\d+$|^\[::1\]$|^\[::(?:ffff:(?:0:)?)?7f[\da-f]{2}:[\da-f]{1,4}\]$|^(?:.*\.)?localhost$|^ip6-(?:localhost|loopback)$/
    .test(name);
}
