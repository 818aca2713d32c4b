/** Metrics of requests under the names that Prometheus clients use. */
import { STATUS_CLASSES, statusClassOf } from "../base/internal.ts";
import {
  type Counter,
  counter,
  DEFAULT_BUCKETS,
  type Family,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type Names,
  type NoSets,
  type ValueSets,
} from "../metrics/mod.ts";
import { type Exchange, SIZE_BUCKETS } from "./exchange.ts";
import type { HandlerOptions } from "./handler_options.ts";
import { codeText } from "./status_code.ts";

const UNKNOWN = "unknown";

/** The label value of unknown methods. */
const OTHER = "OTHER";

/** The series of one method, route and status. */
interface StatusSeries {
  readonly requests: Counter;
  readonly durations: Histogram;
}

/** The series of one method. */
export interface MethodSeries {
  readonly method: string;
  readonly inFlight: Gauge;
  /** Series of the fixed route by status. */
  readonly byStatus: Map<string, StatusSeries>;
}

/** Families of any labels. */
type Any<S> = Family<Names, S, NoSets>;

/** Records requests by method, route, and class or code of the status. */
export class PrometheusRequests {
  /** The route of all requests that no router matches; undefined if it varies. */
  readonly #fixedRoute: string | undefined;
  readonly #known: ReadonlySet<string>;
  readonly #statusOf: (code: number) => string;
  readonly #byMethod = new Map<string, MethodSeries>();
  readonly #requests: Any<Counter>;
  readonly #durations: Any<Histogram>;
  readonly #inFlight: Any<Gauge>;
  readonly #requestSizes: Any<Histogram>;
  readonly #responseSizes: Any<Histogram>;

  /** Declares the families; handlers with the same registry share them. */
  constructor(options: HandlerOptions) {
    const { registry, native, buckets, route, status, knownMethods } = options;
    this.#fixedRoute = typeof route === "function" ? undefined : route ?? "";
    this.#known = new Set(knownMethods);
    const isClass = status === "class";
    this.#statusOf = isClass ? statusClassOf : codeText;
    const method = [...this.#known, OTHER];
    const byMethod = { labels: ["method"] as Names, values: { method } };
    const byRoute = { ...byMethod, labels: ["method", "route"] as Names };
    const byStatus = {
      labels: ["method", "route", `status_${status}`] as Names,
      values: {
        method,
        ...isClass && { status_class: STATUS_CLASSES },
      } as ValueSets,
    };
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
      buckets: buckets ?? DEFAULT_BUCKETS,
      native,
    }, registry);
    this.#inFlight = gauge({
      name: "http_requests_in_flight",
      help: "Requests that have no response as yet.",
      ...byMethod,
    }, registry);
    this.#requestSizes = histogram({
      name: "http_request_body_size_bytes",
      help: "Size of request bodies, where the client declared it.",
      unit: "bytes",
      ...byRoute,
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

  /** Counts a request as in flight. Pass the result to `record` exactly once. */
  begin(method: string): MethodSeries {
    const series = this.#seriesOf(method);
    series.inFlight.inc();
    return series;
  }

  /** Records a request that has ended. */
  record(series: MethodSeries, exchange: Exchange): void {
    const { method, inFlight } = series;
    const { requestSize, responseSize } = exchange;
    inFlight.dec();
    const route = exchange.route || UNKNOWN;
    const status = this.#statusOf(exchange.code);
    if (exchange.route === this.#fixedRoute) {
      // Series of the fixed route are looked up once (instrument_bench).
      const { requests, durations } = this.#cached(series, route, status);
      requests.inc();
      durations.observe(exchange.seconds);
    } else {
      this.#requests.at(method, route, status).inc();
      this.#durations.at(method, route, status).observe(exchange.seconds);
    }
    if (requestSize !== undefined) {
      this.#requestSizes.at(method, route).observe(requestSize);
    }
    if (responseSize !== undefined) {
      this.#responseSizes.at(method, route, status).observe(responseSize);
    }
  }

  #seriesOf(method: string): MethodSeries {
    const cached = this.#byMethod.get(method);
    if (cached !== undefined) return cached;
    const isKnown = this.#known.has(method);
    const label = isKnown ? method : OTHER;
    const series: MethodSeries = {
      method: label,
      inFlight: this.#inFlight.at(label),
      byStatus: new Map(),
    };
    // Cache known methods only: clients can send any number of others.
    if (isKnown) this.#byMethod.set(method, series);
    return series;
  }

  #cached(
    { method, byStatus }: MethodSeries,
    route: string,
    status: string,
  ): StatusSeries {
    const cached = byStatus.get(status);
    if (cached !== undefined) return cached;
    const series = {
      requests: this.#requests.at(method, route, status),
      durations: this.#durations.at(method, route, status),
    };
    byStatus.set(status, series);
    return series;
  }
}
