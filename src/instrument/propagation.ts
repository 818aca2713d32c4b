/**
 * Adds the active trace context to calls of `fetch`.
 *
 * - Any request that `fetch` accepts is sent as `fetch` sends it, with further
 *   headers.
 * - A call without a context has the arguments of the caller.
 * - The context goes to one origin: a redirect to another one loses it, as far as
 *   this module can follow redirects in place of the runtime.
 */
import { callSafely, type OptionRule, rule } from "../base/internal.ts";
import { nextUrlOf } from "../platform/internal.ts";
import { inject, type Propagator } from "../trace/mod.ts";
import { overridden, plainCopy } from "./overridden.ts";
import {
  afterRedirects,
  type Header,
  nameOf,
  withoutNames,
} from "./redirects.ts";
import { repeatable } from "./repeatable_body.ts";

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
    typeof value === "function" || Array.isArray(value) && value.every(isHost),
  'a list of hosts, such as ["*.internal", "localhost:8080"], or a function, ' +
    "such as (url) => false; for all hosts, leave propagate out",
);

/** Returns whether some URL has the host `text`, or is below it for `*.`. */
function isHost(text: unknown): boolean {
  if (typeof text !== "string") return false;
  const isBelow = /^\*\.[^.]/.test(text);
  const host = isBelow ? `a${text.slice(1)}` : text;
  const name = (isBelow ? host : host.replace(/:\d{1,5}$/, "")).toLowerCase();
  // An asterisk elsewhere is legal in a URL, but nobody's host.
  if (/^\.|[*?#/@\\\s]/.test(name) || !URL.canParse(`http://${host}`)) {
    return false;
  }
  return new URL(`http://${host}`).hostname === name;
}

/** Returns whether the option `propagate` allows the context in a URL's call. */
function allowedBy(propagate: Propagate | undefined): (url: URL) => boolean {
  if (propagate === undefined) return () => true;
  if (typeof propagate === "function") {
    return (url) => callSafely(propagate, url) === true;
  }
  const hosts = propagate.map((host) => host.toLowerCase());
  return ({ hostname, port, protocol }) => {
    const defaultPort = protocol === "https:" ? "443" : "80";
    const host = `${hostname}:${port || defaultPort}`;
    return hosts.some((one) =>
      one.startsWith("*.")
        ? hostname.endsWith(one.slice(1))
        : one === hostname || one === host
    );
  };
}

/** Calls a `fetch` with the active context. */
export class Propagation {
  readonly #bare: Fetch;
  readonly #allows: (url: URL) => boolean;
  readonly #propagators: readonly Propagator[] | undefined;
  readonly #nextUrl: ReturnType<typeof nextUrlOf>;

  constructor(
    bare: Fetch,
    propagate: Propagate | undefined,
    propagators: readonly Propagator[] | undefined,
  ) {
    this.#propagators = propagators;
    // Called without `this`: workerd refuses any other object.
    this.#bare = (...args) => bare(...args);
    this.#allows = allowedBy(propagate);
    this.#nextUrl = nextUrlOf(bare);
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
      call = this.#nextUrl === undefined
        ? this.#plain(context, args)
        : this.#prepared(context, args, url, this.#nextUrl);
    } catch (error) {
      return Promise.reject(error); // fetch does not throw at once
    }
    return call();
  }

  #contextFor(url: URL | undefined): Header[] {
    const context: Header[] = [];
    if (url === undefined || !/^https?:$/.test(url.protocol)) return context;
    inject(
      { set: (name, value) => void context.push([name, value]) },
      this.#propagators,
    );
    return context.length > 0 && this.#allows(url) ? context : [];
  }

  /** Returns a call of a function that may read and change what it is given. */
  #plain(
    context: readonly Header[],
    [input, init]: Parameters<Fetch>,
  ): () => Promise<Response> {
    if (init instanceof Request) {
      const request = copyOf(init, context);
      return () => this.#bare(input, request);
    }
    let given = init?.headers;
    if (input instanceof Request && given === undefined) {
      const body = init?.body;
      if (body === undefined || body === null) {
        const request = copyOf(input, context);
        return () => this.#bare(request, init);
      }
      given = headersOf(input, body); // the body of the Request stays unused
    }
    const headers = withContext(given, context);
    if (headers === undefined) return () => this.#bare(input, init);
    const members = plainCopy(init ?? {}, { headers });
    return () => this.#bare(input, members);
  }

  /** Returns a call of the runtime's `fetch`. */
  #prepared(
    context: readonly Header[],
    [input, init]: Parameters<Fetch>,
    url: URL,
    nextUrl: NonNullable<ReturnType<typeof nextUrlOf>>,
  ): () => Promise<Response> {
    const request = input instanceof Request ? input : undefined;
    const { headers: given, redirect, body } = init ?? {};
    const headers = withContext(
      given ?? (request && headersOf(request, body)),
      context,
    );
    if (given === null || headers === undefined) {
      return () => this.#bare(input, init);
    }
    const changes: RequestInit = { headers };
    if (redirect !== undefined) changes.redirect = redirect;
    if (body !== undefined) changes.body = body;
    const mode = redirect ?? request?.redirect ?? "follow";
    const again = mode !== "follow"
      ? undefined
      : init instanceof Request || body === undefined || body === null
      ? body || mayHaveBody(request) ? undefined : { body: null }
      : repeatable(body);
    // The runtime would take the headers along to any origin, so that it must
    // not follow redirects itself.
    if (again !== undefined) changes.redirect = "manual";
    const seen: RequestInit = {};
    const members = overridden(init ?? {}, changes, seen);
    if (again === undefined) return () => this.#bare(input, members);
    return () =>
      afterRedirects(this.#bare(input, members), {
        url,
        nextUrl,
        method: () => seen.method ?? request?.method ?? "GET",
        body: again.body,
        headers: () => pairsOf(new Headers(headers)),
        context,
        allows: this.#allows,
        send: (next, ownChanges) => {
          const { signal = request?.signal } = seen;
          return this.#bare(next, {
            ...seen,
            ...signal && { signal },
            ...ownChanges,
          });
        },
      });
  }
}

/** Returns the headers of a Request that is sent with another body, or none. */
function headersOf(request: Request, body: RequestInit["body"]): Headers {
  // On Bun, reading `headers` adds the content type of the body.
  const asked = body === undefined
    ? request
    : new Request(request, { method: "POST", body: new Uint8Array() });
  return asked.headers;
}

/** Asks the method first: Deno sends a body in chunks once it was looked at. */
function mayHaveBody(request: Request | undefined): boolean {
  return request !== undefined &&
    (!/^(GET|HEAD)$/.test(request.method) || request.body !== null);
}

/** Returns a copy of `request` with the context; uses up `request`. */
function copyOf(request: Request, context: readonly Header[]): Request {
  const copy = new Request(request);
  for (const [name, value] of context) copy.headers.set(name, value);
  // The constructor of Bun leaves the original, whose body would be kept.
  if (!request.bodyUsed) request.body?.cancel().catch(() => {});
  return copy;
}

/**
 * Returns the headers of a call with those of the context, in the same form.
 * Undefined for what `fetch` rejects.
 */
function withContext(
  headers: unknown,
  context: readonly Header[],
): RequestInit["headers"] {
  if (headers === undefined) return Object.fromEntries(context);
  if (typeof headers !== "object" && typeof headers !== "function") {
    return undefined;
  }
  if (headers === null) return undefined;
  if (headers instanceof Headers) {
    const copy = new Headers(headers);
    for (const [name, value] of context) copy.set(name, value);
    return copy;
  }
  const names = context.map(nameOf);
  if (Symbol.iterator in headers) {
    const own = Array.from(
      headers as Iterable<Iterable<string>>,
      (pair) => [...pair] as unknown as Header,
    );
    return [...withoutNames(own, names), ...context];
  }
  const record = { ...headers as Record<string, string> };
  for (const name of Object.keys(record)) {
    if (names.includes(name.toLowerCase())) delete record[name];
  }
  return Object.assign(record, Object.fromEntries(context));
}

/** `Headers` cannot be iterated in the types of all platforms. */
function pairsOf(headers: Headers): Header[] {
  const pairs: Header[] = [];
  headers.forEach((value, name) => pairs.push([name, value]));
  return pairs;
}

/** Returns whether members can be added: Bun ignores a number, Deno rejects it. */
function isInit(init: unknown): boolean {
  return init === undefined || typeof init === "object" ||
    typeof init === "function";
}
