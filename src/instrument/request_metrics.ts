/**
 * The metrics of requests: measures each request once, and records it under the
 * names that the options select.
 *
 * - Every label except the route has a closed set of values.
 * - A size is observed only if a header declares it; bodies are never read.
 */
import type { Clock } from "../base/mod.ts";
import { errorType } from "../base/internal.ts";
import { type Answer, headerOf, methodIn, statusOf } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { HandlerOptions } from "./handler_options.ts";
import {
  type MethodSeries,
  PrometheusRequests,
} from "./prometheus_requests.ts";
import { safeClock } from "./safe_clock.ts";
import {
  ConventionalRequests,
  type ConventionalSeries,
} from "./semconv_requests.ts";
import { sentCode } from "./status_code.ts";

/** A request in flight, with its series under each of the names. */
export interface MeasuredExchange extends Exchange {
  readonly own: MethodSeries | undefined;
  readonly conventional: ConventionalSeries | undefined;
}

/** The request metrics of one handler on one registry. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #own: PrometheusRequests | undefined;
  readonly #conventional: ConventionalRequests | undefined;

  /** Declares the families; handlers with the same registry share them. */
  constructor(options: HandlerOptions) {
    const { clock, names } = options;
    this.#clock = safeClock(clock);
    if (names !== "semconv") this.#own = new PrometheusRequests(options);
    if (names !== "prometheus") {
      this.#conventional = new ConventionalRequests(options);
    }
  }

  /** Counts a request as in flight. Pass the result to `end` exactly once. */
  begin(request: Request): MeasuredExchange {
    const method = methodIn(request);
    return {
      own: this.#own?.begin(method),
      conventional: this.#conventional?.begin(method, request),
      request,
      // Read now, because an upgrade removes the headers. Skipped for methods
      // without a body, because Deno creates the headers on first access.
      requestSize: method === "GET" || method === "HEAD"
        ? undefined
        : declaredSize(request),
      start: this.#clock.mono(),
      seconds: 0,
      route: "",
      code: 0,
      responseSize: undefined,
      error: "",
    };
  }

  /**
   * Sets the end of a request, by its answer or as failed; see `record`. `cause`
   * is the error behind a failure.
   */
  end(
    exchange: MeasuredExchange,
    failed: boolean,
    answer: Answer,
    cause: unknown,
  ): void {
    exchange.seconds = Math.max(0, this.#clock.mono() - exchange.start);
    exchange.code = failed ? 500 : sentCode(answer);
    if (failed || (cause !== undefined && exchange.code >= 500)) {
      exchange.error = errorType(cause);
    }
    if (failed) return;
    const { method } = exchange.own ?? exchange.conventional!;
    exchange.responseSize = sizeOf(answer, method);
  }

  /** Records a request after `end`. */
  readonly record = (exchange: MeasuredExchange): void => {
    const { own, conventional } = exchange;
    if (own !== undefined) this.#own!.record(own, exchange);
    if (conventional !== undefined) {
      this.#conventional!.record(conventional, exchange);
    }
  };
}

/** Returns the declared size of the sent body in bytes; undefined if unknown. */
function sizeOf(answer: Answer, method: string): number | undefined {
  // HEAD and 304 declare the size of a body that is not sent (RFC 9110, 8.6).
  if (method === "HEAD" || !answer || statusOf(answer) === 304) {
    return undefined;
  }
  return declaredSize(answer);
}

/** Returns the `Content-Length`; undefined if it is missing or malformed. */
function declaredSize(message: Request | Response): number | undefined {
  const length = headerOf(message, "content-length");
  if (!length || !/^[0-9]{1,15}$/.test(length)) return undefined;
  return Number(length);
}
