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
import { onSettled, readOptions, settle, type Task } from "../base/internal.ts";
import type { Answer } from "./answer.ts";
import { HANDLER_OPTIONS, type InstrumentOptions } from "./handler_options.ts";
import { RequestInFlight, RequestRecorder } from "./request_in_flight.ts";
import type { RequestsInFlight } from "./request_observer.ts";

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
 * The option `names` selects the names of OpenTelemetry's conventions instead, or
 * as well: `http_server_request_duration_seconds`,
 * `http_server_active_requests` and the sizes of bodies, by method, scheme,
 * version of the protocol, route, status code and error.
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
  checkHandler(handler);
  const read = readOptions(
    "Cannot instrument a handler",
    HANDLER_OPTIONS,
    options,
  );
  return recorded(handler, new RequestRecorder(read));
}

/**
 * Checks a handler.
 *
 * @throws {TypeError} If `handler` is not a function.
 */
export function checkHandler(handler: unknown): void {
  if (typeof handler === "function") return;
  throw new TypeError(
    `Cannot instrument a handler of type ${typeof handler}: ` +
      `give a function, such as app.fetch`,
  );
}

/** Wraps a handler whose requests `recorder` records, and `inFlight` finds. */
export function recorded<
  This,
  Incoming extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Incoming, ...rest: Rest) => Result,
  recorder: RequestRecorder,
  inFlight?: RequestsInFlight,
): (this: This, request: Incoming, ...rest: Rest) => Result {
  return function (this: This, request: Incoming, ...rest: Rest): Result {
    if (recorder.ignores(request)) return handler.call(this, request, ...rest);
    const work = rest.length === 1
      ? callWithOne(
        handler as unknown as HandlerOf<This, Incoming, [unknown], Result>,
        this,
        request,
        rest[0],
      )
      : callWithAll(handler, this, request, rest);
    const outer = inFlight?.find(request);
    if (outer !== undefined) {
      return onSettled(work, () => outer.matched(recorder.routeOf(request)));
    }
    const handling = new Handling(recorder, request, rest[0], work);
    inFlight?.add(request, handling);
    return settle(handling);
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

/** A request that a fetch-style handler answers. */
class Handling<R> extends RequestInFlight implements Task<R> {
  readonly #work: () => R;

  constructor(
    recorder: RequestRecorder,
    request: Request,
    server: unknown,
    work: () => R,
  ) {
    super(recorder, request, server);
    this.#work = work;
  }

  run(): R {
    return this.within(this.#work);
  }
}
