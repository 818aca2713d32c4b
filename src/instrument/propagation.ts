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
import {
  afterRedirects,
  type Header,
  nameOf,
  withoutNames,
} from "./redirects.ts";

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

  #contextFor(url: URL | undefined): Header[] {
    const context: Header[] = [];
    if (url === undefined || !/^https?:$/.test(url.protocol)) return context;
    inject({ set: (name, value) => void context.push([name, value]) });
    return context.length > 0 && this.#allows(url) ? context : [];
  }

  #prepared(
    context: readonly Header[],
    [input, init]: Parameters<Fetch>,
    url: URL,
  ): () => Promise<Response> {
    if (input instanceof Request || init instanceof Request) {
      const request = requestOf(input, init);
      for (const [name, value] of context) request.headers.set(name, value);
      const rest = init instanceof Request ? {} : init ?? {};
      return this.#sending(context, request, url, {
        members: overridden(rest, PARTS_OF_REQUEST),
        mode: request.redirect,
        headers: pairsOf(request.headers),
        request,
      });
    }
    const { headers: given, redirect } = init ?? {};
    const own = listOf(given);
    if (own === undefined) return () => this.#bare(input, init);
    const headers = [...withoutNames(own, context.map(nameOf)), ...context];
    const changes: RequestInit = { headers };
    if (redirect !== undefined) changes.redirect = redirect;
    return this.#sending(context, input, url, {
      members: overridden(init ?? {}, changes),
      mode: redirect ?? "follow",
      headers,
      request: undefined,
    });
  }

  /** Returns a call of the bare `fetch` with `target` and `members`. */
  #sending(
    context: readonly Header[],
    target: string | URL | Request,
    url: URL,
    { members, mode, headers, request }: Sending,
  ): () => Promise<Response> {
    if (!this.#isPlatform || mode !== "follow") {
      return () => this.#bare(target, members);
    }
    // The platform would take the headers along to any origin, so that it must
    // not follow redirects itself.
    const seen: RequestInit = {};
    const first = overridden(members, { redirect: "manual" }, seen);
    const copy = keptBody(request);
    return () =>
      afterRedirects(this.#bare(target, first), {
        url,
        method: () => request?.method ?? seen.method ?? "GET",
        body: () => request === undefined ? seen.body ?? undefined : copy,
        headers,
        context,
        allows: this.#allows,
        send: (next, changes) => {
          const signal = request === undefined ? seen.signal : request.signal;
          const own = signal ? { ...changes, signal } : changes;
          return this.#bare(next, overridden(members, own));
        },
      });
  }
}

/** A call with the context, in parts. */
interface Sending {
  /** The members that `fetch` reads. */
  readonly members: RequestInit;
  readonly mode: string;
  /** All headers. */
  readonly headers: readonly Header[];
  /** The input, if it is a Request. */
  readonly request: Request | undefined;
}

/** The members that a Request has taken from an init. */
const PARTS_OF_REQUEST: { readonly [K in keyof RequestInit]?: undefined } = {
  method: undefined,
  headers: undefined,
  body: undefined,
};

/**
 * Returns the headers of a call in their order, since `Headers` sorts them.
 * Undefined for what `fetch` rejects.
 */
function listOf(headers: unknown): Header[] | undefined {
  if (headers === undefined) return [];
  if (typeof headers !== "object" && typeof headers !== "function") {
    return undefined;
  }
  if (headers === null) return undefined;
  return Symbol.iterator in headers
    ? Array.from(
      headers as Iterable<Iterable<string>>,
      (pair) => [...pair] as unknown as Header,
    )
    : Object.entries(headers);
}

/** `Headers` cannot be iterated in the types of all platforms. */
function pairsOf(headers: Headers): Header[] {
  const pairs: Header[] = [];
  headers.forEach((value, name) => pairs.push([name, value]));
  return pairs;
}

/** Returns the request that `fetch` makes of its arguments. */
function requestOf(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Request {
  if (!(input instanceof Request)) return new Request(String(input), init);
  if (!(init instanceof Request)) {
    // The constructor of Bun ignores the method of a Request beside some inits.
    const method = init?.method ?? input.method;
    return new Request(input, overridden(init ?? {}, { method }));
  }
  // The constructor of Bun takes the URL of the second; its fetch does not.
  const { url } = new Request(
    new Request("http://a/"),
    new Request("http://b/"),
  );
  return url === "http://a/"
    ? new Request(input, init)
    : new Request(input.url, init);
}

/** Returns whether members can be added: Bun ignores a number, Deno rejects it. */
function isInit(init: unknown): boolean {
  return init === undefined || typeof init === "object" ||
    typeof init === "function";
}
