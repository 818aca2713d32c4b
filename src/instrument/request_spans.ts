/**
 * The span of a request, by OpenTelemetry's semantic conventions for HTTP
 * servers.
 *
 * - A `traceparent` makes the span part of the caller's trace.
 * - If another tracer has already started a server span, that span stays
 *   active and no second one is started.
 * - Each request runs in its own context: Bun would otherwise run it in the
 *   context in which the server was started.
 */
import type { Clock } from "../base/mod.ts";
import {
  type Attributes,
  type AttributeValue,
  extract,
  type Span,
  type Tracer,
  withSpan,
} from "../trace/mod.ts";
import {
  errorMessage,
  errorType,
  otelSpanContext,
  withoutContext,
} from "../trace/internal.ts";
import type { Answer, RouteOf } from "./answer.ts";
import { callSafely } from "./call_safely.ts";
import type { HandlerOptions } from "./handler_options.ts";
import { methodOf } from "./methods.ts";

/** The trace context of one request. */
export interface RequestTrace {
  /** Span of the request; undefined if the option `filter` excludes it. */
  readonly span: Span | undefined;
  /** Runs `work` in the context. */
  run<T>(work: () => T): T;
  /** Ends the span `seconds` after its start, with the answer or the error. */
  end(seconds: number, failed: boolean, outcome: unknown): void;
}

/** Starts the spans of requests. */
export class RequestSpans {
  readonly #tracer: Tracer;
  readonly #options: HandlerOptions;
  readonly #routeOf: RouteOf;
  readonly #clock: Clock;

  constructor(tracer: Tracer, options: HandlerOptions, routeOf: RouteOf) {
    const { tracerName, clock } = options;
    this.#clock = clock;
    this.#tracer = tracerName === undefined ? tracer : tracer.named(tracerName);
    this.#options = options;
    this.#routeOf = routeOf;
  }

  /**
   * Starts the span of a request. Returns the context to run it in; undefined
   * to keep the active one.
   */
  begin(request: Request): RequestTrace | undefined {
    const { filter } = this.#options;
    if (filter !== undefined && callSafely(filter, request) === false) {
      return UNTRACED;
    }
    if (otelSpanContext() !== undefined) return undefined;
    const { parent, baggage } = extract(request.headers);
    const start = this.#clock.unix();
    const span = this.#tracer.start(methodOf(request), {
      kind: "server",
      parent: parent ?? null,
      start,
      attributes: () => this.#attributesOf(request),
    });
    return {
      span,
      run: (work) => withSpan(span, baggage, work),
      end: (seconds, failed, outcome) => {
        const route = this.#routeOf(request);
        if (route !== "") span.updateName(`${methodOf(request)} ${route}`);
        span.setAttribute("http.route", route);
        if (failed) setError(span, outcome);
        else setAnswer(span, outcome as Answer);
        span.end(start + seconds);
      },
    };
  }

  #attributesOf(request: Request): Attributes {
    const { attributes, userId } = this.#options;
    const { path, scheme } = splitUrl(request.url);
    const standard: Record<string, AttributeValue> = {
      "http.request.method": methodOf(request),
      "url.scheme": scheme,
      "url.path": path,
      "http.route": this.#routeOf(request),
    };
    if (isWebSocket(request)) standard["network.protocol.name"] = "websocket";
    const user = userId && callSafely(userId, request);
    if (typeof user === "string") standard["user.id"] = user;
    return attributes === undefined
      ? standard
      : { ...standard, ...callSafely(attributes, request) };
  }
}

/** The trace of a request that the option `filter` excludes. */
const UNTRACED: RequestTrace = {
  span: undefined,
  run: withoutContext,
  end: () => {},
};

function setError(span: Span, error: unknown): void {
  span.setAttribute("http.response.status_code", 500)
    .setAttribute("error.type", errorType(error))
    .recordException(error)
    .setStatus("error", errorMessage(error));
}

function setAnswer(span: Span, answer: Answer): void {
  const status = answer?.status ?? 101;
  span.setAttribute("http.response.status_code", status);
  // A 4xx is an error of the client: the span of the server has not failed.
  if (status < 500) return;
  span.setAttribute("error.type", String(status)).setStatus("error");
}

function isWebSocket({ headers }: Request): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** Returns scheme and path of a URL, without the cost of a URL object. */
function splitUrl(url: string): { scheme: string; path: string } {
  const colon = url.indexOf("://");
  const slash = url.indexOf("/", colon + 3);
  const query = url.indexOf("?", colon + 3);
  const end = query < 0 ? url.length : query;
  const path = slash < 0 || slash > end ? "/" : url.slice(slash, end);
  return { scheme: url.slice(0, Math.max(0, colon)), path };
}
