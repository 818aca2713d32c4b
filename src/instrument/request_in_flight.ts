/** A request between its arrival and its answer. */
import { callSafely } from "../base/internal.ts";
import { declarerOf, type Families, scopeIn } from "../metrics/internal.ts";
import { publishSoon } from "../model/internal.ts";
import { withSpanSync } from "../trace/internal.ts";
import { type Answer, statusOf } from "./answer.ts";
import { hasClientLeft, LEFT_ANSWER } from "./client_left.ts";
import type { HandlerOptions, InstrumentOptions } from "./handler_options.ts";
import { type MeasuredExchange, RequestMetrics } from "./request_metrics.ts";
import { RequestSpans, type RequestTrace } from "./request_spans.ts";

/** Records requests by one set of options. */
export class RequestRecorder {
  readonly metrics: RequestMetrics;
  readonly spans: RequestSpans | undefined;
  /** Returns the route template of an answered request; "" if there is none. */
  readonly routeOf: (request: Request) => string;
  readonly #ignore: HandlerOptions["ignore"];
  readonly #families: Families | undefined;

  /** Declares the families; recorders with the same registry share them. */
  constructor(options: HandlerOptions) {
    const { registry, tracer, route, ignore } = options;
    this.metrics = new RequestMetrics(options);
    this.spans = tracer && new RequestSpans(tracer, options);
    this.routeOf = routeReader(route);
    this.#ignore = ignore;
    this.#families = scopeIn(declarerOf(registry))?.families;
  }

  /** Lets the fleet of the registry know what was recorded. */
  publish(): void {
    publishSoon(this.#families?.fleet);
  }

  /** Returns whether the option `ignore` excludes `request`. */
  ignores(request: Request): boolean {
    const ignore = this.#ignore;
    return ignore !== undefined && callSafely(ignore, request) === true;
  }
}

/** The metrics and the span of one request. */
export class RequestInFlight {
  readonly #recorder: RequestRecorder;
  readonly #exchange: MeasuredExchange;
  readonly #trace: RequestTrace | undefined;
  /** The template that a router has found; "" if none has yet. */
  #found = "";
  #hasEnded = false;

  /**
   * Counts `request` as in flight, and starts its span. `server` is the second
   * argument of a fetch-style handler.
   */
  constructor(recorder: RequestRecorder, request: Request, server?: unknown) {
    this.#recorder = recorder;
    this.#exchange = recorder.metrics.begin(request);
    this.#trace = recorder.spans?.begin(request, server);
  }

  /** Whether the request has been recorded. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Runs `work` in the context of the span. */
  within<T>(work: () => T): T {
    const trace = this.#trace;
    return trace === undefined ? work() : trace.run(work);
  }

  /** Sets the route template, unless a router has already found one. */
  matched(route: string): void {
    if (this.#found === "") this.#found = route;
  }

  /**
   * Records the request, by its answer or its error; further calls do nothing.
   * `cause` is the error behind a failure.
   */
  settled(
    failed: boolean,
    outcome: unknown,
    cause: unknown = failed ? outcome : undefined,
  ): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const exchange = this.#exchange;
    const trace = this.#trace;
    const recorder = this.#recorder;
    const { metrics, routeOf } = recorder;
    const { request } = exchange;
    const hasFailed = failed || (statusOf(outcome) ?? 0) >= 500;
    if (hasFailed && hasClientLeft(request, cause)) {
      failed = false;
      outcome = LEFT_ANSWER;
    }
    metrics.end(exchange, failed, outcome as Answer, cause);
    const route = this.#found || routeOf(request); // after the clock is read
    exchange.route = route;
    if (trace?.span?.recording) {
      // The handler has left its context, but exemplars still need its span.
      withSpanSync(trace.span, metrics.record, exchange);
      trace.end(exchange.seconds, route, failed, outcome, cause);
    } else metrics.record(exchange);
    recorder.publish();
  }
}

/** Normalizes the option `route` to a function; "" stands for no route. */
function routeReader(
  route: InstrumentOptions["route"],
): (request: Request) => string {
  if (typeof route !== "function") return () => route ?? "";
  return (request) => {
    const template: unknown = callSafely(route, request);
    return typeof template === "string" ? template : "";
  };
}
