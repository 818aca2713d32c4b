/**
 * The span of a request, by OpenTelemetry's names for HTTP servers.
 *
 * - A caller's `traceparent` makes it part of the caller's trace.
 * - Where another tracer has made a server span already, that one is followed
 *   and there is no second one.
 * - Every request has a context of its own: Bun would lend it the one that its
 *   server was started in.
 */
import { settle } from "../base/mod.ts";
import {
  type Attributes,
  errorMessage,
  errorType,
  extract,
  foreignContext,
  isolated,
  runWith,
  type Span,
  type Tracer,
} from "../trace/mod.ts";
import { asked } from "./asked.ts";
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

  constructor(tracer: Tracer, choices: SpanChoices, routeOf: RouteOf) {
    const { tracerName } = choices;
    this.#tracer = tracerName === undefined ? tracer : tracer.named(tracerName);
    this.#choices = choices;
    this.#routeOf = routeOf;
  }

  /**
   * Runs `work` in the span of `request`; `done` is called once, when it has
   * ended, and the span ends after it.
   */
  run<T>(
    request: Request,
    work: () => T,
    done: (failed: boolean, outcome: unknown, span: Span | undefined) => void,
  ): T {
    const { filter } = this.#choices;
    if (filter !== undefined && asked(filter, request) === false) {
      return settle(() => isolated(work), (...end) => done(...end, undefined));
    }
    if (foreignContext() !== undefined) {
      return settle(work, (...end) => done(...end, undefined));
    }
    const { parent, baggage } = extract(request.headers);
    const span = this.#tracer.start(methodOf(request), {
      kind: "server",
      parent: parent ?? null,
      attributes: () => this.#facts(request),
    });
    return settle(
      () => runWith(span, baggage, work),
      (failed, outcome) => {
        done(failed, outcome, span);
        if (span.recording) this.#end(span, request, failed, outcome);
      },
    );
  }

  #facts(request: Request): Attributes {
    const { attributes, userId } = this.#choices;
    const { path, scheme } = placeOf(request.url);
    const user = userId && asked(userId, request);
    return {
      "http.request.method": methodOf(request),
      "url.scheme": scheme,
      "url.path": path,
      "http.route": this.#routeOf(request),
      ...(isWebSocket(request) && { "network.protocol.name": "websocket" }),
      ...(typeof user === "string" && { "user.id": user }),
      ...(attributes && asked(attributes, request)),
    };
  }

  #end(
    span: Span,
    request: Request,
    failed: boolean,
    outcome: unknown,
  ): void {
    const route = this.#routeOf(request);
    const method = methodOf(request);
    span.setAttribute("http.route", route);
    span.updateName(route === "" ? method : `${method} ${route}`);
    if (failed) {
      span.setAttribute("http.response.status_code", 500);
      span.setAttribute("error.type", errorType(outcome));
      span.recordException(outcome).setStatus("error", errorMessage(outcome));
      return span.end();
    }
    const status = (outcome as Answer)?.status ?? 101;
    span.setAttribute("http.response.status_code", status);
    // A client's mistake is no failure of the server.
    if (status >= 500) {
      span.setAttribute("error.type", String(status)).setStatus("error");
    }
    span.end();
  }
}

const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
]);

/** The method by which a span is named: never what a client made up. */
export function methodOf({ method }: { readonly method: string }): string {
  return METHODS.has(method) ? method : "_OTHER";
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
