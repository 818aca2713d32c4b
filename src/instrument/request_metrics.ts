/**
 * The families that requests are recorded in, and the words for their labels.
 *
 * - All labels but the route have closed value sets.
 * - A size that no header declares is not observed; bodies are never touched.
 */
import { type Clock, systemClock } from "../base/mod.ts";
import {
  type Counter,
  DEFAULT_BUCKETS,
  defaultRegistry,
  exponentialBuckets,
  type Family,
  type Gauge,
  type Histogram,
  type NativeOptions,
  type Registry,
} from "../metrics/mod.ts";
import { asked } from "./asked.ts";
import { METHODS } from "./methods.ts";
import type { RouteOf, SpanChoices } from "./request_spans.ts";

/** What can be asked of an instrumented handler. */
export interface InstrumentOptions extends SpanChoices {
  /** Where the metrics live; the default registry unless given. */
  readonly registry?: Registry;
  /**
   * The template that a request belongs to, such as `/users/:id`: fixed, or
   * asked for when the handler has answered, and for a span at its start too.
   * `unknown` where there is none.
   */
  readonly route?: string | ((request: Request) => string | undefined);
  /** Which requests to leave alone, such as those of a scraper. */
  readonly ignore?: (request: Request) => boolean;
  /** Bounds of the duration in seconds; the default ones unless given. */
  readonly buckets?: readonly number[];
  /**
   * Count durations and sizes into native buckets too: see `HistogramOptions`.
   * With `buckets: []` the durations have no others.
   */
  readonly native?: boolean | NativeOptions;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** What a fetch-style handler may return: nothing, where it has upgraded. */
export type Answer = Response | undefined | void;

/** What stands for a method in labels. */
const METHOD_LABELS = [...METHODS, "OTHER"] as const;

type Method = typeof METHOD_LABELS[number];

const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

type StatusClass = typeof STATUS_CLASSES[number];

const UPGRADED = STATUS_CLASSES.indexOf("1xx");
const SERVER_ERROR = STATUS_CLASSES.indexOf("5xx");

/** 64 bytes to 16 MiB, each four times the last. */
const SIZE_BUCKETS = exponentialBuckets(64, 4, 10);

const UNKNOWN = "unknown";

/** What every request of one method, route and status class is recorded in. */
interface StatusSeries {
  readonly requests: Counter;
  readonly durations: Histogram;
}

/** What every request of one method is recorded in. */
export interface MethodSeries {
  readonly method: Method;
  readonly inFlight: Gauge;
  /** By status class, where the route is fixed. */
  readonly kept: (StatusSeries | undefined)[];
}

/** A request that has no answer as yet. */
export interface Exchange {
  readonly series: MethodSeries;
  readonly request: Request;
  /** What its client declared. */
  readonly requestSize: number | undefined;
  /** When it came, on the scale that does not jump. */
  readonly start: number;
}

type ByMethod = readonly ["method"];
type ByRoute = readonly ["method", "route"];
type ByStatus = readonly ["method", "route", "status_class"];
type MethodSet = { readonly method: typeof METHOD_LABELS };
type StatusSets = MethodSet & { readonly status_class: typeof STATUS_CLASSES };

/** The request metrics of one registry, for handlers of one kind. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #ignore: ((request: Request) => boolean) | undefined;
  readonly #routeOf: RouteOf;
  readonly #isFixed: boolean;
  readonly #kept = new Map<string, MethodSeries>();
  readonly #requests: Family<ByStatus, Counter, StatusSets>;
  readonly #durations: Family<ByStatus, Histogram, StatusSets>;
  readonly #inFlight: Family<ByMethod, Gauge, MethodSet>;
  readonly #requestSizes: Family<ByRoute, Histogram, MethodSet>;
  readonly #responseSizes: Family<ByStatus, Histogram, StatusSets>;

  /** Declares the families, or finds them declared. */
  constructor(options: InstrumentOptions, routeOf: RouteOf) {
    const { registry = defaultRegistry(), native = false } = options;
    const { buckets = DEFAULT_BUCKETS } = options;
    this.#clock = options.clock ?? systemClock;
    this.#ignore = options.ignore;
    this.#routeOf = routeOf;
    this.#isFixed = typeof options.route !== "function";
    const byStatus = {
      labels: ["method", "route", "status_class"],
      values: { method: METHOD_LABELS, status_class: STATUS_CLASSES },
    } as const;
    this.#requests = registry.counter({
      name: "http_requests_total",
      help: "Requests answered.",
      ...byStatus,
    });
    this.#durations = registry.histogram({
      name: "http_request_duration_seconds",
      help: "Time until the response was there, its body not included.",
      unit: "seconds",
      ...byStatus,
      buckets,
      native,
    });
    this.#inFlight = registry.gauge({
      name: "http_requests_in_flight",
      help: "Requests that have no response as yet.",
      labels: ["method"],
      values: { method: METHOD_LABELS },
    });
    this.#requestSizes = registry.histogram({
      name: "http_request_body_size_bytes",
      help: "Size of request bodies, where the client declared it.",
      unit: "bytes",
      labels: ["method", "route"],
      values: { method: METHOD_LABELS },
      buckets: SIZE_BUCKETS,
      native,
    });
    this.#responseSizes = registry.histogram({
      name: "http_response_body_size_bytes",
      help: "Size of response bodies, where the handler declared it.",
      unit: "bytes",
      ...byStatus,
      buckets: SIZE_BUCKETS,
      native,
    });
  }

  /** Whether the user wants `request` to be left alone. */
  ignores(request: Request): boolean {
    const ignore = this.#ignore;
    return ignore !== undefined && asked(ignore, request) === true;
  }

  /** A request has come; tell `end` how it ended, once. */
  begin(request: Request): Exchange {
    const series = this.#seriesOf(request.method);
    const { method, inFlight } = series;
    inFlight.inc();
    return {
      series,
      request,
      // Now, because an upgrade takes the headers away; and not where there is
      // no body, because Deno makes headers when they are asked for.
      requestSize: method === "GET" || method === "HEAD"
        ? undefined
        : declaredSize(request),
      start: this.#clock.mono(),
    };
  }

  /** How long it has taken so far, in seconds; never negative. */
  seconds({ start }: Exchange): number {
    return Math.max(0, this.#clock.mono() - start);
  }

  /** It was answered after `seconds`, or its handler has failed. */
  end(
    { series, request, requestSize }: Exchange,
    seconds: number,
    failed: boolean,
    answer: Answer,
  ): void {
    const { method, inFlight, kept } = series;
    inFlight.dec();
    const route = this.#routeOf(request) || UNKNOWN;
    const at = failed ? SERVER_ERROR : classOf(answer);
    const status = STATUS_CLASSES[at]!;
    // Found once and kept where the route is fixed (instrument_bench).
    const { requests, durations } = this.#isFixed
      ? kept[at] ??= this.#find(method, route, status)
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
  }

  #seriesOf(method: string): MethodSeries {
    const kept = this.#kept.get(method);
    if (kept !== undefined) return kept;
    const known: Method = METHODS.find((one) => one === method) ?? "OTHER";
    const series: MethodSeries = {
      method: known,
      inFlight: this.#inFlight.at(known),
      kept: [],
    };
    // Never by a word that a client has made up: there is no end of these.
    if (known === method) this.#kept.set(method, series);
    return series;
  }

  #find(method: Method, route: string, status: StatusClass): StatusSeries {
    return {
      requests: this.#requests.at(method, route, status),
      durations: this.#durations.at(method, route, status),
    };
  }
}

/**
 * Where its status class stands. By its status, and not by its class: a
 * response of another realm or of a polyfill is one as well.
 */
function classOf(answer: Answer): number {
  const status = (answer as Partial<Response> | null | undefined)?.status;
  if (typeof status !== "number") return UPGRADED;
  const index = Math.floor(status / 100) - 1;
  return index in STATUS_CLASSES ? index : SERVER_ERROR;
}

/** The size of the body that is sent; unknown where a header does not tell. */
function sizeOf(answer: Answer, method: Method): number | undefined {
  // Both declare the size of a body that is not sent (RFC 9110, section 8.6).
  if (method === "HEAD" || !answer || answer.status === 304) return undefined;
  return declaredSize(answer);
}

/** The size of a body by its `Content-Length`; never by looking at it. */
function declaredSize(message: Request | Response): number | undefined {
  const length = message.headers?.get("content-length");
  if (!length || !/^[0-9]{1,15}$/.test(length)) return undefined;
  return Number(length);
}
