/**
 * The span of a request, by OpenTelemetry's names for HTTP servers.
 *
 * - A caller's `traceparent` makes it part of the caller's trace.
 * - Where another tracer has made a server span already, that one is followed
 *   and there is no second one.
 * - Every request has a context of its own: Bun would lend it the one that its
 *   server was started in.
 */
import type { Clock } from "../base/mod.ts";
import {
  type Attributes,
  type AttributeValue,
  extract,
  runWith,
  type Span,
  type Tracer,
} from "../trace/mod.ts";
import {
  errorMessage,
  errorType,
  foreignContext,
  isolated,
} from "../trace/internal.ts";
import { asked } from "./asked.ts";
import { methodOf } from "./methods.ts";
import type { Answer } from "./request_metrics.ts";

/** What can be asked of the spans of requests. */
export interface SpanChoices {
  /** Makes a span of each request; no spans unless given. */
  readonly tracer?: Tracer;
  /** The name under which spans are made; that of the tracer unless given. */
  readonly tracerName?: string;
  /** Which requests get a span; all unless given. Metrics count all. */
  readonly filter?: (request: Request) => boolean;
  /** More facts about a request; asked once for each recorded span. */
  readonly attributes?: (request: Request) => Attributes;
  /** Who asks (`user.id`); nobody's name is recorded unless given. */
  readonly userId?: (request: Request) => string | undefined;
}

/** Asks for the template that a request belongs to; "" if there is none. */
export type RouteOf = (request: Request) => string;

/** Makes the spans of requests. */
export class RequestSpans {
  readonly #tracer: Tracer;
  readonly #choices: SpanChoices;
  readonly #routeOf: RouteOf;
  readonly #clock: Clock;

  constructor(
    tracer: Tracer,
    choices: SpanChoices,
    routeOf: RouteOf,
    clock: Clock,
  ) {
    const { tracerName } = choices;
    this.#clock = clock;
    this.#tracer = tracerName === undefined ? tracer : tracer.named(tracerName);
    this.#choices = choices;
    this.#routeOf = routeOf;
  }

  /**
   * A request has come: in what its work is to run, undefined if in what is
   * active anyway.
   */
  begin(request: Request): RequestTrace | undefined {
    const { filter } = this.#choices;
    if (filter !== undefined && asked(filter, request) === false) {
      return UNTRACED;
    }
    if (foreignContext() !== undefined) return undefined;
    const { parent, baggage } = extract(request.headers);
    const start = this.#clock.unix();
    const span = this.#tracer.start(methodOf(request), {
      kind: "server",
      parent: parent ?? null,
      start,
      attributes: () => this.#facts(request),
    });
    return {
      span,
      run: (work) => runWith(span, baggage, work),
      end: (seconds, failed, outcome) => {
        const route = this.#routeOf(request);
        if (route !== "") span.updateName(`${methodOf(request)} ${route}`);
        span.setAttribute("http.route", route);
        if (failed) tellError(span, outcome);
        else tellAnswer(span, outcome as Answer);
        span.end(start + seconds);
      },
    };
  }

  #facts(request: Request): Attributes {
    const { attributes, userId } = this.#choices;
    const { path, scheme } = placeOf(request.url);
    const facts: Record<string, AttributeValue> = {
      "http.request.method": methodOf(request),
      "url.scheme": scheme,
      "url.path": path,
      "http.route": this.#routeOf(request),
    };
    if (isWebSocket(request)) facts["network.protocol.name"] = "websocket";
    const user = userId && asked(userId, request);
    if (typeof user === "string") facts["user.id"] = user;
    return attributes === undefined
      ? facts
      : { ...facts, ...asked(attributes, request) };
  }
}

/** In what the work of a request runs. */
export interface RequestTrace {
  /** Its span, if it has one. */
  readonly span: Span | undefined;
  run<T>(work: () => T): T;
  /** It was answered after `seconds`, or its handler has failed. */
  end(seconds: number, failed: boolean, outcome: unknown): void;
}

const UNTRACED: RequestTrace = {
  span: undefined,
  run: isolated,
  end: () => {},
};

function tellError(span: Span, error: unknown): void {
  span.setAttribute("http.response.status_code", 500)
    .setAttribute("error.type", errorType(error))
    .recordException(error)
    .setStatus("error", errorMessage(error));
}

function tellAnswer(span: Span, answer: Answer): void {
  const status = answer?.status ?? 101;
  span.setAttribute("http.response.status_code", status);
  // A client's mistake is no failure of the server.
  if (status < 500) return;
  span.setAttribute("error.type", String(status)).setStatus("error");
}

function isWebSocket({ headers }: Request): boolean {
  return headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** Scheme and path, without the price of a URL object; no query. */
function placeOf(url: string): { scheme: string; path: string } {
  const colon = url.indexOf("://");
  const slash = url.indexOf("/", colon + 3);
  const query = url.indexOf("?", colon + 3);
  const end = query < 0 ? url.length : query;
  const path = slash < 0 || slash > end ? "/" : url.slice(slash, end);
  return { scheme: url.slice(0, Math.max(0, colon)), path };
}
