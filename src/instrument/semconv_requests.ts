/** Metrics of requests under the names of OpenTelemetry's conventions. */
import { protocolVersionOf } from "../platform/internal.ts";
import {
  type Family,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type Names,
  type NoSets,
} from "../metrics/mod.ts";
import { urlIn } from "./answer.ts";
import { type Exchange, SIZE_BUCKETS } from "./exchange.ts";
import type { HandlerOptions } from "./handler_options.ts";
import { OTHER_METHOD } from "./methods.ts";
import {
  DURATION_BUCKETS,
  ERROR,
  METHOD,
  spellingIn,
  STATUS,
} from "./semconv.ts";
import { codeText } from "./status_code.ts";

const SCHEME = "url.scheme";
const VERSION = "network.protocol.version";

/** Histograms by the labels that the end of a request decides. */
type ByEnd = Family<Names, Histogram, NoSets>;

/** The series of one method, scheme and version of the protocol. */
export interface ConventionalSeries {
  readonly method: string;
  readonly scheme: string;
  readonly version: string;
  readonly active: Gauge;
  /** By route, status code and error. */
  readonly durations: ByEnd;
  readonly requestSizes: ByEnd;
  readonly responseSizes: ByEnd;
  /** Durations of the fixed route by status code; of requests that did not throw. */
  readonly byCode: Map<number, Histogram>;
}

/** Records requests by the attributes of the conventions. */
export class ConventionalRequests {
  /** The route of all requests that no router matches; undefined if it varies. */
  readonly #fixedRoute: string | undefined;
  readonly #known: ReadonlySet<string>;
  readonly #spell: (name: string) => string;
  /** By method; a list, because schemes and versions are few. */
  readonly #byMethod = new Map<string, ConventionalSeries[]>();
  readonly #active: Family<Names, Gauge, NoSets>;
  readonly #durations: ByEnd;
  readonly #requestSizes: ByEnd;
  readonly #responseSizes: ByEnd;

  /** Declares the families; handlers with the same registry share them. */
  constructor(options: HandlerOptions) {
    const { registry, native, buckets, route, knownMethods } = options;
    this.#fixedRoute = typeof route === "function" ? undefined : route ?? "";
    this.#known = new Set(knownMethods);
    const spell = this.#spell = spellingIn(registry);
    const labels: Names = [
      METHOD,
      SCHEME,
      VERSION,
      "http.route",
      STATUS,
      ERROR,
    ].map(spell);
    const sizes = (name: string, help: string): ByEnd =>
      histogram({
        name: spell(`http.server.${name}.body.size_bytes`),
        help,
        unit: "bytes",
        labels,
        buckets: SIZE_BUCKETS,
        native,
      }, registry);
    this.#durations = histogram({
      name: spell("http.server.request.duration_seconds"),
      help: "Duration of HTTP server requests.",
      unit: "seconds",
      labels,
      buckets: buckets ?? DURATION_BUCKETS,
      native,
    }, registry);
    this.#active = gauge({
      name: spell("http.server.active_requests"),
      help: "Number of active HTTP server requests.",
      labels: [METHOD, SCHEME].map(spell) as Names,
    }, registry);
    this.#requestSizes = sizes(
      "request",
      "Size of HTTP server request bodies.",
    );
    this.#responseSizes = sizes(
      "response",
      "Size of HTTP server response bodies.",
    );
  }

  /** Counts a request as active. Pass the result to `record` exactly once. */
  begin(method: string, request: Request): ConventionalSeries {
    const scheme = urlIn(request).startsWith("https:") ? "https" : "http";
    const series = this.#seriesOf(
      this.#known.has(method) ? method : OTHER_METHOD,
      scheme,
      protocolVersionOf(request),
    );
    series.active.inc();
    return series;
  }

  /** Records a request that has ended. */
  record(series: ConventionalSeries, exchange: Exchange): void {
    series.active.dec();
    const { code, route, requestSize, responseSize } = exchange;
    this.#durationsOf(series, exchange).observe(exchange.seconds);
    if (requestSize === undefined && responseSize === undefined) return;
    const status = codeText(code);
    const error = errorOf(exchange);
    if (requestSize !== undefined) {
      series.requestSizes.at(route, status, error).observe(requestSize);
    }
    if (responseSize !== undefined) {
      series.responseSizes.at(route, status, error).observe(responseSize);
    }
  }

  #durationsOf(series: ConventionalSeries, exchange: Exchange): Histogram {
    const { code, route, error } = exchange;
    const isFixed = route === this.#fixedRoute && error === "";
    const cached = isFixed ? series.byCode.get(code) : undefined;
    if (cached !== undefined) return cached;
    const found = series.durations.at(route, codeText(code), errorOf(exchange));
    if (isFixed) series.byCode.set(code, found);
    return found;
  }

  #seriesOf(
    method: string,
    scheme: string,
    version: string,
  ): ConventionalSeries {
    let all = this.#byMethod.get(method);
    if (all === undefined) this.#byMethod.set(method, all = []);
    for (const series of all) {
      if (series.scheme === scheme && series.version === version) return series;
    }
    const spell = this.#spell;
    const labels = {
      [spell(METHOD)]: method,
      [spell(SCHEME)]: scheme,
      [spell(VERSION)]: version,
    };
    const bind = (family: ByEnd): ByEnd =>
      family.bind(labels) as unknown as ByEnd;
    const series: ConventionalSeries = {
      method,
      scheme,
      version,
      active: this.#active.at(method, scheme),
      durations: bind(this.#durations),
      requestSizes: bind(this.#requestSizes),
      responseSizes: bind(this.#responseSizes),
      byCode: new Map(),
    };
    all.push(series);
    return series;
  }
}

/** Returns the label `error.type`: of server errors only. */
function errorOf({ code, error }: Exchange): string {
  return code < 500 ? "" : error || codeText(code);
}
