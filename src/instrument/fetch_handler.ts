/**
 * Metrics and spans of requests, for any fetch-style handler.
 *
 * - The result of the handler is returned unchanged: the same `Response` object,
 *   or undefined after an upgrade.
 * - A request is counted when its status is decided, before its body ends.
 * - A raw path never becomes a label value: a route is a template from the
 *   option `route`, or `unknown`.
 * - Bodies are not read. A size is observed only if a header declares it.
 * - Nothing that an answer, a clock or a function of the options does can fail a
 *   request, or leave it counted as in flight.
 */
import {
  callSafely,
  readOptions,
  settle,
  type Task,
} from "../base/internal.ts";
import { withSpanSync } from "../trace/internal.ts";
import { type Answer, type RouteOf, statusOf } from "./answer.ts";
import { hasClientLeft, LEFT_ANSWER } from "./client_left.ts";
import { HANDLER_OPTIONS, type InstrumentOptions } from "./handler_options.ts";
import { type Exchange, RequestMetrics } from "./request_metrics.ts";
import { RequestSpans, type RequestTrace } from "./request_spans.ts";

/**
 * Wraps `handler` so that its requests are counted, timed and traced. The
 * wrapper has the parameters and the result of `handler`; a synchronous handler
 * stays synchronous.
 *
 * Metrics by method, route and status class: `http_requests_total`,
 * `http_request_duration_seconds` (until the response is returned, not until
 * its body is sent), `http_response_body_size_bytes`. By method and route:
 * `http_request_body_size_bytes`. By method: `http_requests_in_flight`. A
 * handler that throws or rejects counts as `5xx`. A handler that returns
 * undefined has upgraded the connection and counts as `1xx`. A request that fails
 * after its client has left counts as `4xx`, and its span has the status 499. On
 * Bun and Node that is any failure after the departure. On Deno it is a failure
 * of a handler that has read `request.signal`, or that throws the error of the
 * signal or of the request's body.
 *
 * ```ts
 * import { instrumentHandler } from "@barograph/barograph/instrument";
 *
 * const handler = instrumentHandler(
 *   (request: Request) => new Response(`you asked for ${request.url}`),
 *   { route: "/" },
 * );
 * handler(new Request("http://localhost/"));
 * ```
 *
 * With a `tracer`, each request gets a span, which continues the caller's trace
 * if the request has a `traceparent`. The span is active in everything that the
 * handler starts, and ends when the response is returned. If the registry takes
 * exemplars from the active span (`followExemplars`), these metrics have them.
 *
 * Handlers with the same registry share the metrics.
 *
 * @throws {TypeError} Immediately, if `handler` is not a function, or if an
 *   option is wrong or unknown.
 * @throws {FamilyConflictError} Immediately, if the registry has these families
 *   with other terms, such as other `buckets`.
 */
export function instrumentHandler<
  This,
  Incoming extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Incoming, ...rest: Rest) => Result,
  options: InstrumentOptions = {},
): (this: This, request: Incoming, ...rest: Rest) => Result {
  if (typeof handler !== "function") {
    throw new TypeError(
      `Cannot instrument a handler of type ${typeof handler}: ` +
        `give a function, such as app.fetch`,
    );
  }
  const read = readOptions(
    "Cannot instrument a handler",
    HANDLER_OPTIONS,
    options,
  );
  const routeOf = routeReader(read.route);
  const metrics = new RequestMetrics(read, routeOf);
  const spans = read.tracer && new RequestSpans(read.tracer, read, routeOf);

  return function (this: This, request: Incoming, ...rest: Rest): Result {
    if (metrics.ignores(request)) return handler.call(this, request, ...rest);
    const work = rest.length === 1
      ? callWithOne(
        handler as unknown as HandlerOf<This, Incoming, [unknown], Result>,
        this,
        request,
        rest[0],
      )
      : callWithAll(handler, this, request, rest);
    return settle(new Handling(metrics, spans, request, work));
  };
}

type HandlerOf<This, Incoming, Rest extends readonly unknown[], Result> = (
  this: This,
  request: Incoming,
  ...rest: Rest
) => Result;

/**
 * Returns a call of `handler` with one further argument, which servers pass. A
 * closure with a list would allocate the list, and a copy of it at the call.
 */
function callWithOne<This, Incoming, One, Result>(
  handler: HandlerOf<This, Incoming, [One], Result>,
  self: This,
  request: Incoming,
  one: One,
): () => Result {
  return () => handler.call(self, request, one);
}

/** Returns a call of `handler` with any number of further arguments. */
function callWithAll<This, Incoming, Rest extends readonly unknown[], Result>(
  handler: HandlerOf<This, Incoming, Rest, Result>,
  self: This,
  request: Incoming,
  rest: Rest,
): () => Result {
  return () => handler.call(self, request, ...rest);
}

/** The handling of one request. */
class Handling<R> implements Task<R> {
  readonly #metrics: RequestMetrics;
  readonly #exchange: Exchange;
  readonly #trace: RequestTrace | undefined;
  readonly #work: () => R;

  constructor(
    metrics: RequestMetrics,
    spans: RequestSpans | undefined,
    request: Request,
    work: () => R,
  ) {
    this.#metrics = metrics;
    this.#exchange = metrics.begin(request);
    this.#trace = spans?.begin(request);
    this.#work = work;
  }

  run(): R {
    const trace = this.#trace;
    return trace === undefined ? this.#work() : trace.run(this.#work);
  }

  settled(failed: boolean, outcome: unknown): void {
    const exchange = this.#exchange;
    const trace = this.#trace;
    const hasFailed = failed || (statusOf(outcome) ?? 0) >= 500;
    if (hasFailed && hasClientLeft(exchange.request, failed, outcome)) {
      failed = false;
      outcome = LEFT_ANSWER;
    }
    this.#metrics.end(exchange, failed, outcome as Answer);
    if (!trace?.span?.recording) return this.#metrics.record(exchange);
    // The handler has left its context, but exemplars still need its span.
    withSpanSync(trace.span, this.#metrics.record, exchange);
    trace.end(exchange.seconds, failed, outcome);
  }
}

/** Normalizes the option `route` to a function; "" stands for no route. */
function routeReader(route: InstrumentOptions["route"]): RouteOf {
  if (typeof route !== "function") return () => route ?? "";
  return (request) => {
    const template: unknown = callSafely(route, request);
    return typeof template === "string" ? template : "";
  };
}
