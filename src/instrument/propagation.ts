/**
 * Adds the active trace context to calls of `fetch`.
 *
 * - Whatever `fetch` accepts is sent as `fetch` sends it, with further headers.
 * - A call without a context has the arguments of the caller.
 * - The context goes to one origin: a redirect to another one loses it.
 */
import { callSafely, type OptionRule, rule } from "../base/internal.ts";
import { inject } from "../trace/mod.ts";
import { keptBody } from "./kept_body.ts";
import { overridden } from "./overridden.ts";
import { afterRedirects } from "./redirects.ts";

/** The signature of `fetch`. */
export type Fetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

/** The hosts to which trace context and baggage are sent. */
export type Propagate = readonly string[] | ((url: URL) => boolean);

/** Rule of the option `propagate`. */
export const PROPAGATE: OptionRule<Propagate | undefined> = rule<Propagate>(
  (value) =>
    typeof value === "function" ||
    Array.isArray(value) &&
      value.every((host) => typeof host === "string" && /^[^/\s]+$/.test(host)),
  'a list of hosts, such as ["*.internal", "localhost:8080"], ' +
    "or a function, such as (url) => false",
);

/** Returns whether the option `propagate` allows the context in a URL's call. */
function allowedBy(propagate: Propagate | undefined): (url: URL) => boolean {
  if (propagate === undefined) return () => true;
  if (typeof propagate === "function") {
    return (url) => callSafely(propagate, url) === true;
  }
  const hosts = propagate.map((host) => host.toLowerCase());
  return ({ host, hostname }) =>
    hosts.some((one) =>
      one.startsWith("*.")
        ? hostname.endsWith(one.slice(1))
        : one === hostname || one === host
    );
}

/** Calls a `fetch` with the active context. */
export class Propagation {
  readonly #bare: Fetch;
  readonly #allows: (url: URL) => boolean;
  readonly #isPlatform: boolean;

  /** `isPlatform` says that `bare` is the platform's: it follows redirects. */
  constructor(
    bare: Fetch,
    propagate: Propagate | undefined,
    isPlatform: boolean,
  ) {
    this.#bare = bare;
    this.#allows = allowedBy(propagate);
    this.#isPlatform = isPlatform;
  }

  /** Calls `fetch` with `args`. `url` is their URL; undefined if it is invalid. */
  send(
    args: Parameters<Fetch>,
    url: URL | undefined,
  ): Promise<Response> {
    const context = this.#contextFor(url);
    if (url === undefined || context.length === 0 || !isInit(args[1])) {
      return this.#bare(...args);
    }
    let call: () => Promise<Response>;
    try {
      call = this.#prepared(context, args, url);
    } catch (error) {
      return Promise.reject(error); // fetch does not throw at once
    }
    return call();
  }

  #contextFor(url: URL | undefined): [name: string, value: string][] {
    const context: [name: string, value: string][] = [];
    if (url === undefined || !/^https?:$/.test(url.protocol)) return context;
    inject({ set: (name, value) => void context.push([name, value]) });
    return context.length > 0 && this.#allows(url) ? context : [];
  }

  #prepared(
    context: readonly [name: string, value: string][],
    [input, init]: Parameters<Fetch>,
    url: URL,
  ): () => Promise<Response> {
    const request = init instanceof Request
      ? new Request(input, init) // a copy by members would lose its body
      : input instanceof Request
      ? input
      : undefined;
    const members = init instanceof Request ? {} : init ?? {};
    const target = request ?? input;
    const { headers: given, redirect } = members;
    const headers = new Headers(given === undefined ? request?.headers : given);
    for (const [name, value] of context) headers.set(name, value);
    const mode = redirect ?? request?.redirect ?? "follow";
    if (!this.#isPlatform || mode !== "follow") {
      const changes = redirect === undefined
        ? { headers }
        : { headers, redirect };
      return () => this.#bare(target, overridden(members, changes));
    }
    // The platform would take the headers along to any origin, so that it must
    // not follow redirects itself.
    const copy = keptBody(request);
    const seen: RequestInit = {};
    const first = overridden(members, { headers, redirect: "manual" }, seen);
    return () =>
      afterRedirects(this.#bare(target, first), {
        url,
        method: () => seen.method ?? request?.method ?? "GET",
        body: () => seen.body ?? copy,
        headers,
        context,
        allows: this.#allows,
        send: (next, changes) => {
          const signal = seen.signal ?? request?.signal;
          const own = signal ? { ...changes, signal } : changes;
          return this.#bare(next, overridden(members, own));
        },
      });
  }
}

/** Returns whether members can be added: Bun ignores a number, Deno rejects it. */
function isInit(init: unknown): boolean {
  return init === undefined || typeof init === "object" ||
    typeof init === "function";
}
