/**
 * Metrics and spans of requests around any fetch-style handler.
 *
 * - What the handler returns passes through untouched, the same object: a
 *   stream, a 101, an upgrade, nothing at all.
 * - A request is counted when its status is decided, before its body ends.
 * - No raw path ever becomes a label: a route is a template that the user
 *   names, else `unknown`.
 * - Bodies are not read. A size that no header declares is not observed.
 */
import { systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds, onSettled } from "../base/internal.ts";
import { during } from "../trace/internal.ts";
import { asked } from "./asked.ts";
import {
  type Answer,
  type InstrumentOptions,
  RequestMetrics,
} from "./request_metrics.ts";
import { RequestSpans, type RouteOf } from "./request_spans.ts";

/**
 * Wraps `handler`, which keeps its parameters and its result; a handler that
 * answers at once still does.
 *
 * Counts by method, route and status class: `http_requests_total`,
 * `http_request_duration_seconds` (until the response is there, not until its
 * body has been sent), `http_response_body_size_bytes`; by method and route
 * `http_request_body_size_bytes`; by method `http_requests_in_flight`. A
 * handler that throws or rejects counts as `5xx`, one that returns nothing as
 * `1xx`: it has upgraded the connection.
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
 * With a `tracer`, each request is a span, part of its caller's trace if it
 * names one, and active in all that the handler starts. It ends when the
 * response is there, as the metrics do. Where the registry follows the active
 * span (`followExemplars`), what is counted gets exemplars.
 *
 * Wrapping several handlers on one registry adds to the same metrics.
 *
 * @throws {TypeError} At once, if `handler` is no function, or if an option is
 *   of the wrong kind or does not exist.
 * @throws {FamilyConflictError} At once, if the registry has these families
 *   with other terms, such as other `buckets`.
 */
export function instrumentHandler<
  This,
  Asked extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Asked, ...rest: Rest) => Result,
  options: InstrumentOptions = {},
): (this: This, request: Asked, ...rest: Rest) => Result {
  checkArguments(handler, options);
  const routeOf = routeReader(options.route);
  const metrics = new RequestMetrics(options, routeOf);
  const { tracer, clock = systemClock } = options;
  const spans = tracer && new RequestSpans(tracer, options, routeOf, clock);

  return function (this: This, request: Asked, ...rest: Rest): Result {
    const work = () => handler.call(this, request, ...rest);
    if (metrics.ignores(request)) return work();
    const exchange = metrics.begin(request);
    const trace = spans?.begin(request);
    return onSettled(
      trace === undefined ? work : () => trace.run(work),
      (failed, outcome) => {
        const seconds = metrics.seconds(exchange);
        const record = () =>
          metrics.end(exchange, seconds, failed, outcome as Answer);
        if (!trace?.span?.recording) return record();
        // The work is over, and its context with it: exemplars want it back.
        during(trace.span, record);
        trace.end(seconds, failed, outcome);
      },
    );
  };
}

/** Asks for the route; "" where there is none, or none can be told. */
function routeReader(route: InstrumentOptions["route"]): RouteOf {
  if (typeof route !== "function") return () => route ?? "";
  return (request) => {
    const told: unknown = asked(route, request);
    return typeof told === "string" ? told : "";
  };
}

const KINDS: Kinds<InstrumentOptions> = {
  registry: [["object"], "a registry, such as createRegistry()"],
  route: [["string", "function"], 'a template, such as "/users/:id"'],
  ignore: [["function"], "a function, such as (request) => false"],
  buckets: [["object"], "a list of seconds, such as [0.1, 1]"],
  native: [["boolean", "object"], "true, or options such as { schema: 3 }"],
  clock: [["object"], "a clock, such as systemClock"],
  tracer: [["object"], "a tracer, such as createTracer()"],
  tracerName: [["string"], 'a name, such as "shop"'],
  filter: [["function"], "a function, such as (request) => true"],
  attributes: [["function"], "a function, such as (request) => ({})"],
  userId: [["function"], "a function, such as (request) => undefined"],
};

function checkArguments(handler: unknown, options: InstrumentOptions): void {
  if (typeof handler !== "function") {
    throw new TypeError(
      `Cannot instrument a handler of type ${typeof handler}: ` +
        `give a function, such as app.fetch`,
    );
  }
  checkOptions("Cannot instrument a handler", options, KINDS);
}
