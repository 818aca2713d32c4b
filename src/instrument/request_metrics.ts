/**
 * The metric families of requests, and the values of their labels.
 *
 * - Every label except the route has a closed set of values.
 * - A size is observed only if a header declares it; bodies are never read.
 */
import type { Clock } from "../base/mod.ts";
import { STATUS_CLASSES, statusClassOf } from "../base/internal.ts";
import {
  type Counter,
  counter,
  exponentialBuckets,
  type Family,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
} from "../metrics/mod.ts";
import { type Answer, headerOf, methodIn, statusOf } from "./answer.ts";
import type { HandlerOptions } from "./handler_options.ts";
import { METHODS } from "./methods.ts";
import { safeClock } from "./safe_clock.ts";

/** The values of the label `method`. */
const METHOD_LABELS = [...METHODS, "OTHER"] as const;

type Method = typeof METHOD_LABELS[number];
type StatusClass = typeof STATUS_CLASSES[number];

/** Bucket bounds from 64 bytes to 16 MiB, by factors of four. */
const SIZE_BUCKETS = exponentialBuckets(64, 4, 10);

const UNKNOWN = "unknown";

/** The series of one method, route and status class. */
interface StatusSeries {
  readonly requests: Counter;
  readonly durations: Histogram;
}

/** The series of one method. */
export interface MethodSeries {
  readonly method: Method;
  readonly inFlight: Gauge;
  /** Series of the fixed route by status class. */
  readonly byStatus: Map<StatusClass, StatusSeries>;
}

/** A request in flight. */
export interface Exchange {
  readonly series: MethodSeries;
  readonly request: Request;
  /** Declared size of the request body in bytes. */
  readonly requestSize: number | undefined;
  /** Arrival in seconds of the monotonic clock. */
  readonly start: number;
  /** Seconds until the end. */
  seconds: number;
  /** The route template; "" if there is none. */
  route: string;
  /** Whether the handler has thrown or rejected. */
  failed: boolean;
  /** The result of the handler. */
  answer: Answer;
}

type ByMethod = readonly ["method"];
type ByRoute = readonly ["method", "route"];
type ByStatus = readonly ["method", "route", "status_class"];
type MethodSet = { readonly method: typeof METHOD_LABELS };
type StatusSets = MethodSet & { readonly status_class: typeof STATUS_CLASSES };

/** The request metrics of one handler on one registry. */
export class RequestMetrics {
  readonly #clock: Clock;
  /** The route of all requests that no router matches; undefined if it varies. */
  readonly #fixedRoute: string | undefined;
  readonly #byMethod = new Map<string, MethodSeries>();
  readonly #requests: Family<ByStatus, Counter, StatusSets>;
  readonly #durations: Family<ByStatus, Histogram, StatusSets>;
  readonly #inFlight: Family<ByMethod, Gauge, MethodSet>;
  readonly #requestSizes: Family<ByRoute, Histogram, MethodSet>;
  readonly #responseSizes: Family<ByStatus, Histogram, StatusSets>;

  /** Declares the families; handlers with the same registry share them. */
  constructor(options: HandlerOptions) {
    const { registry, native, buckets, route } = options;
    this.#clock = safeClock(options.clock);
    this.#fixedRoute = typeof route === "function" ? undefined : route ?? "";
    const byStatus = {
      labels: ["method", "route", "status_class"],
      values: { method: METHOD_LABELS, status_class: STATUS_CLASSES },
    } as const;
    this.#requests = counter({
      name: "http_requests_total",
      help: "Requests answered.",
      ...byStatus,
    }, registry);
    this.#durations = histogram({
      name: "http_request_duration_seconds",
      help: "Time until the response was there, its body not included.",
      unit: "seconds",
      ...byStatus,
      buckets,
      native,
    }, registry);
    this.#inFlight = gauge({
      name: "http_requests_in_flight",
      help: "Requests that have no response as yet.",
      labels: ["method"],
      values: { method: METHOD_LABELS },
    }, registry);
    this.#requestSizes = histogram({
      name: "http_request_body_size_bytes",
      help: "Size of request bodies, where the client declared it.",
      unit: "bytes",
      labels: ["method", "route"],
      values: { method: METHOD_LABELS },
      buckets: SIZE_BUCKETS,
      native,
    }, registry);
    this.#responseSizes = histogram({
      name: "http_response_body_size_bytes",
      help: "Size of response bodies, where the handler declared it.",
      unit: "bytes",
      ...byStatus,
      buckets: SIZE_BUCKETS,
      native,
    }, registry);
  }

  /** Counts a request as in flight. Pass the result to `end` exactly once. */
  begin(request: Request): Exchange {
    const series = this.#seriesOf(methodIn(request));
    const { method, inFlight } = series;
    inFlight.inc();
    return {
      series,
      request,
      // Read now, because an upgrade removes the headers. Skipped for methods
      // without a body, because Deno creates the headers on first access.
      requestSize: method === "GET" || method === "HEAD"
        ? undefined
        : declaredSize(request),
      start: this.#clock.mono(),
      seconds: 0,
      route: "",
      failed: false,
      answer: undefined,
    };
  }

  /** Sets the end of a request, by its answer or as failed; see `record`. */
  end(exchange: Exchange, failed: boolean, answer: Answer): void {
    exchange.seconds = Math.max(0, this.#clock.mono() - exchange.start);
    exchange.failed = failed;
    exchange.answer = answer;
  }

  /** Records a request after `end`. */
  readonly record = (exchange: Exchange): void => {
    const { series, requestSize, seconds, failed, answer } = exchange;
    const { method, inFlight } = series;
    inFlight.dec();
    const route = exchange.route || UNKNOWN;
    const status = failed ? "5xx" : classOf(answer);
    // Series of the fixed route are looked up once (instrument_bench).
    const { requests, durations } = exchange.route === this.#fixedRoute
      ? this.#cached(series, route, status)
      : this.#find(method, route, status);
    requests.inc();
    durations.observe(seconds);
    if (requestSize !== undefined) {
      this.#requestSizes.at(method, route).observe(requestSize);
    }
    const size = failed ? undefined : sizeOf(answer, method);
    if (size !== undefined) {
      this.#responseSizes.at(method, route, status).observe(size);
    }
  };

  #seriesOf(method: string): MethodSeries {
    const cached = this.#byMethod.get(method);
    if (cached !== undefined) return cached;
    const known: Method = METHODS.find((name) => name === method) ?? "OTHER";
    const series: MethodSeries = {
      method: known,
      inFlight: this.#inFlight.at(known),
      byStatus: new Map(),
    };
    // Cache known methods only: clients can send any number of others.
    if (known === method) this.#byMethod.set(method, series);
    return series;
  }

  #cached(
    { method, byStatus }: MethodSeries,
    route: string,
    status: StatusClass,
  ): StatusSeries {
    const cached = byStatus.get(status);
    if (cached !== undefined) return cached;
    const series = this.#find(method, route, status);
    byStatus.set(status, series);
    return series;
  }

  #find(method: Method, route: string, status: StatusClass): StatusSeries {
    return {
      requests: this.#requests.at(method, route, status),
      durations: this.#durations.at(method, route, status),
    };
  }
}

/** Returns the status class of an answer; `1xx` if it has none, after an upgrade. */
function classOf(answer: Answer): StatusClass {
  const status = statusOf(answer);
  if (status === undefined) return "1xx";
  const found = statusClassOf(status);
  // A server cannot send this status; its client receives a 500.
  return found === "error" ? "5xx" : found;
}

/** Returns the declared size of the sent body in bytes; undefined if unknown. */
function sizeOf(answer: Answer, method: Method): number | undefined {
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
