/**
 * The span of a request, by OpenTelemetry's semantic conventions for HTTP
 * servers.
 *
 * - A `traceparent` makes the span part of the caller's trace.
 * - If another tracer has already started a server span, that span stays
 *   active and no second one is started; live feeds get a copy.
 * - Each request runs in its own context: Bun would otherwise run it in the
 *   context in which the server was started.
 */
import type { Clock } from "../base/mod.ts";
import {
  callSafely,
  errorMessage,
  errorType,
  pathOf,
} from "../base/internal.ts";
import { connectionOf, protocolVersionOf } from "../platform/internal.ts";
import {
  type Attributes,
  type AttributeValue,
  type Baggage,
  extract,
  type Remote,
  type Span,
  type Tracer,
  withSpan,
} from "../trace/mod.ts";
import {
  isTracedElsewhere,
  mirrorActiveSpan,
  withoutContext,
} from "../trace/internal.ts";
import { type Answer, headerOf, methodIn, statusOf } from "./answer.ts";
import type { HandlerOptions } from "./handler_options.ts";
import { OTHER_METHOD, spanName } from "./methods.ts";
import { safeClock } from "./safe_clock.ts";

/** The trace context of one request. */
export interface RequestTrace {
  /** Span of the request; undefined if the option `filter` excludes it. */
  readonly span: Span | undefined;
  /** Runs `work` in the context. */
  run<T>(work: () => T): T;
  /**
   * Ends the span `seconds` after its start, with the answer or the error.
   * `cause` is the error behind a failure.
   */
  end(
    seconds: number,
    route: string,
    failed: boolean,
    outcome: unknown,
    cause: unknown,
  ): void;
}

/** Starts the spans of requests. */
export class RequestSpans {
  readonly #tracer: Tracer;
  readonly #options: HandlerOptions;
  /** The template of all requests; "" if it is known only at the end. */
  readonly #route: string;
  readonly #clock: Clock;
  readonly #known: ReadonlySet<string>;

  constructor(tracer: Tracer, options: HandlerOptions) {
    const { tracerName, clock, route, knownMethods } = options;
    this.#known = new Set(knownMethods);
    this.#clock = safeClock(clock);
    this.#tracer = tracerName === undefined ? tracer : tracer.named(tracerName);
    this.#options = options;
    this.#route = typeof route === "string" ? route : "";
  }

  /**
   * Starts the span of a request. Returns the context to run it in; undefined
   * to keep the active one. `server` is the second argument of a fetch-style
   * handler.
   */
  begin(request: Request, server?: unknown): RequestTrace | undefined {
    const { filter } = this.#options;
    if (filter !== undefined && callSafely(filter, request) === false) {
      return UNTRACED;
    }
    const { parent, baggage } = remoteOf(request, this.#options);
    const start = this.#clock.unix();
    const sent = methodIn(request);
    const method = this.#known.has(sent) ? sent : OTHER_METHOD;
    const attributes = this.#attributesOf(request, method, server);
    if (isTracedElsewhere()) {
      return this.#mirrored(method, start, parent, attributes);
    }
    const span = this.#tracer.start(spanName(method, ""), {
      kind: "server",
      parent: parent ?? null,
      start,
      attributes,
    });
    return new SpanTrace(span, baggage, start, method);
  }

  /** Returns a copy of the active span, whose context is kept, for live feeds. */
  #mirrored(
    method: string,
    start: number,
    parent: Remote["parent"],
    attributes: () => Attributes,
  ): RequestTrace | undefined {
    const span = mirrorActiveSpan(this.#tracer, {
      name: spanName(method, ""),
      start,
      clock: this.#clock,
      parent,
      attributes,
    });
    return span && new SpanTrace(span, undefined, start, method);
  }

  /** Returns a function that returns the attributes of a request. */
  #attributesOf(
    request: Request,
    method: string,
    server: unknown,
  ): () => Attributes {
    return () => {
      const { attributes, userId } = this.#options;
      const { url } = request;
      const standard: Record<string, AttributeValue> = {
        "http.request.method": method,
        "url.scheme": schemeOf(url),
        "url.path": pathOf(url),
      };
      if (method !== request.method) {
        standard["http.request.method_original"] = request.method;
      }
      const route = this.#route;
      if (route !== "") standard["http.route"] = route;
      if (isWebSocket(request)) standard["network.protocol.name"] = "websocket";
      addRecommended(standard, request, server);
      const user = userId && callSafely(userId, request);
      if (typeof user === "string") standard["user.id"] = user;
      return attributes === undefined
        ? standard
        : { ...standard, ...callSafely(attributes, request) };
    };
  }
}

/** The trace of a request with a span: an object, for fewer closures. */
class SpanTrace implements RequestTrace {
  readonly span: Span;
  /** Undefined for a copy, which is not active. */
  readonly #baggage: Baggage | undefined;
  readonly #start: number;
  readonly #method: string;

  constructor(
    span: Span,
    baggage: Baggage | undefined,
    start: number,
    method: string,
  ) {
    this.span = span;
    this.#baggage = baggage;
    this.#start = start;
    this.#method = method;
  }

  run<T>(work: () => T): T {
    const baggage = this.#baggage;
    return baggage === undefined ? work() : withSpan(this.span, baggage, work);
  }

  end(
    seconds: number,
    route: string,
    failed: boolean,
    outcome: unknown,
    cause: unknown,
  ): void {
    const { span } = this;
    if (route !== "") {
      span.updateName(spanName(this.#method, route));
      span.setAttribute("http.route", route);
    }
    if (failed) setError(span, 500, cause);
    else setAnswer(span, outcome as Answer, cause);
    span.end(this.#start + seconds);
  }
}

/** The trace of a request that the option `filter` excludes. */
const UNTRACED: RequestTrace = {
  span: undefined,
  run: withoutContext,
  end: () => {},
};

function setError(span: Span, status: number, error: unknown): void {
  span.setAttribute("http.response.status_code", status)
    .setAttribute("error.type", errorType(error))
    .recordException(error)
    .setStatus("error", errorMessage(error));
}

function setAnswer(span: Span, answer: Answer, cause: unknown): void {
  const status = statusOf(answer) ?? 101;
  // A 4xx is an error of the client: the span of the server has not failed.
  if (status >= 500 && cause !== undefined) {
    return setError(span, status, cause);
  }
  span.setAttribute("http.response.status_code", status);
  if (status < 500) return;
  span.setAttribute("error.type", String(status)).setStatus("error");
}

/**
 * Adds the attributes that the conventions recommend, as far as they are known.
 * The query is none of them: it may contain secrets.
 */
function addRecommended(
  attributes: Record<string, AttributeValue>,
  request: Request,
  server: unknown,
): void {
  const { url } = request;
  const { host = hostOf(url), peer } = connectionOf(request, server);
  const [, address, port] = HOST.exec(host) ?? [];
  if (address !== undefined) {
    const isSecure = attributes["url.scheme"] === "https";
    attributes["server.address"] = address;
    attributes["server.port"] = Number(port ?? (isSecure ? 443 : 80));
  }
  const version = protocolVersionOf(request);
  if (version !== "") attributes["network.protocol.version"] = version;
  if (peer !== undefined) attributes["client.address"] = peer;
  const agent = headerOf(request, "user-agent");
  if (agent) attributes["user_agent.original"] = agent;
}

/** Name or address of a host, and its port. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;

/** Returns host and port of a URL, as `pathOf` reads its path. */
function hostOf(url: string): string {
  const start = url.startsWith("/") ? -1 : url.indexOf("://");
  return start < 0 ? "" : url.slice(start + 3).split(/[/?#]/, 1)[0]!;
}

/** Returns the context of the caller; none if its headers cannot be read. */
function remoteOf(
  request: Request,
  { propagators }: HandlerOptions,
): Remote {
  try {
    return extract(request.headers, propagators);
  } catch {
    return extract(undefined);
  }
}

function isWebSocket(request: Request): boolean {
  return headerOf(request, "upgrade")?.toLowerCase() === "websocket";
}

function schemeOf(url: string): string {
  // A constant allocates nothing. A path alone has no scheme: see `pathOf`.
  if (url.startsWith("http://") || url.startsWith("/")) return "http";
  return url.slice(0, Math.max(0, url.indexOf("://")));
}
