/**
 * Request metrics around any fetch-style handler.
 *
 * - What the handler returns passes through untouched, the same object: a
 *   stream, a 101, an upgrade, nothing at all.
 * - A request is counted when its status is decided, before its body ends.
 * - No raw path ever becomes a label: a route is a template that the user
 *   names, else `unknown`.
 * - Bodies are not read. A size that no header declares is not observed.
 */
import {
  type Counter,
  defaultRegistry,
  exponentialBuckets,
  type Family,
  type Gauge,
  type Histogram,
  type Registry,
} from "../metrics/mod.ts";
import { stopwatch } from "../base/mod.ts";

/** What can be asked of an instrumented handler. */
export interface InstrumentOptions {
  /** Where the metrics live; the default registry unless given. */
  readonly registry?: Registry;
  /**
   * The template that a request belongs to, such as `/users/:id`: fixed, or
   * asked for when the handler has answered. `unknown` where there is none.
   */
  readonly route?: string | ((request: Request) => string | undefined);
  /** Which requests to leave alone, such as those of a scraper. */
  readonly ignore?: (request: Request) => boolean;
  /** Bounds of the duration in seconds; the default ones unless given. */
  readonly buckets?: readonly number[];
}

/** What a fetch-style handler may return: nothing, where it has upgraded. */
export type Answer = Response | undefined | void;

/** The methods that are recorded by name; any other one is `OTHER`. */
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
  "OTHER",
] as const;

type Method = typeof METHODS[number];

const STATUS_CLASSES = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

type StatusClass = typeof STATUS_CLASSES[number];

/** 64 bytes to 16 MiB, each four times the last. */
const SIZE_BUCKETS = exponentialBuckets(64, 4, 10);

const UNKNOWN = "unknown";

/**
 * Wraps `handler`, which keeps its parameters and its result; a handler that
 * answers at once still does.
 *
 * Counts by method, route and status class: `http_requests_total`,
 * `http_request_duration_seconds` (until the response is there, not until its
 * body has been sent), `http_request_body_size_bytes`,
 * `http_response_body_size_bytes`; by method `http_requests_in_flight`. A
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
 * Wrapping several handlers on one registry adds to the same metrics.
 */
export function instrumentHandler<
  This,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Request, ...rest: Rest) => Result,
  options: InstrumentOptions = {},
): (this: This, request: Request, ...rest: Rest) => Result {
  const metrics = new RequestMetrics(options);

  return function (this: This, request: Request, ...rest: Rest): Result {
    if (metrics.ignores(request)) return handler.call(this, request, ...rest);
    const done = metrics.begin(request);
    let result: Result;
    try {
      result = handler.call(this, request, ...rest);
    } catch (error) {
      done("5xx");
      throw error;
    }
    if (!isPromise(result)) {
      done(statusClass(result), result);
      return result;
    }
    return result.then((answer) => {
      done(statusClass(answer), answer);
      return answer;
    }, (error) => {
      done("5xx");
      throw error;
    }) as Result;
  };
}

type ByRoute = readonly ["method", "route"];
type ByStatus = readonly ["method", "route", "status_class"];
type MethodSet = { readonly method: typeof METHODS };
type StatusSets = MethodSet & { readonly status_class: typeof STATUS_CLASSES };

class RequestMetrics {
  readonly #requests: Family<ByStatus, Counter, StatusSets>;
  readonly #durations: Family<ByStatus, Histogram, StatusSets>;
  readonly #inFlight: Family<readonly ["method"], Gauge, MethodSet>;
  readonly #requestSizes: Family<ByRoute, Histogram, MethodSet>;
  readonly #responseSizes: Family<ByStatus, Histogram, StatusSets>;
  readonly #route: (request: Request) => string | undefined;
  readonly #ignore: (request: Request) => boolean;

  constructor(options: InstrumentOptions) {
    const { registry = defaultRegistry(), route, buckets } = options;
    this.#ignore = options.ignore ?? (() => false);
    this.#route = typeof route === "function" ? route : () => route;
    const byStatus = {
      labels: ["method", "route", "status_class"],
      values: { method: METHODS, status_class: STATUS_CLASSES },
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
      ...(buckets === undefined ? {} : { buckets }),
    });
    this.#inFlight = registry.gauge({
      name: "http_requests_in_flight",
      help: "Requests that have no response as yet.",
      labels: ["method"],
      values: { method: METHODS },
    });
    this.#requestSizes = registry.histogram({
      name: "http_request_body_size_bytes",
      help: "Size of request bodies, where the client declared it.",
      unit: "bytes",
      labels: ["method", "route"],
      values: { method: METHODS },
      buckets: SIZE_BUCKETS,
    });
    this.#responseSizes = registry.histogram({
      name: "http_response_body_size_bytes",
      help: "Size of response bodies, where the handler declared it.",
      unit: "bytes",
      ...byStatus,
      buckets: SIZE_BUCKETS,
    });
  }

  /** A request has come; the result is called when its status is decided. */
  begin(request: Request): (status: StatusClass, answer?: Answer) => void {
    const method = methodOf(request);
    const requestSize = declaredSize(request);
    const inFlight = this.#inFlight.at(method);
    const watch = stopwatch();
    inFlight.inc();
    return (status, answer) => {
      inFlight.dec();
      const route = this.#routeOf(request);
      this.#requests.at(method, route, status).inc();
      this.#durations.at(method, route, status).observe(watch.seconds());
      if (requestSize !== undefined) {
        this.#requestSizes.at(method, route).observe(requestSize);
      }
      const size = answer instanceof Response
        ? declaredSize(answer)
        : undefined;
      if (size === undefined) return;
      this.#responseSizes.at(method, route, status).observe(size);
    };
  }

  ignores(request: Request): boolean {
    try {
      return this.#ignore(request);
    } catch {
      return false; // a measurement must not fail the request
    }
  }

  #routeOf(request: Request): string {
    try {
      return this.#route(request) || UNKNOWN;
    } catch {
      return UNKNOWN; // as above
    }
  }
}

function isPromise(
  result: Answer | Promise<Answer>,
): result is Promise<Answer> {
  return typeof (result as Partial<Promise<Answer>> | undefined)?.then ===
    "function";
}

function methodOf({ method }: Request): Method {
  return METHODS.find((known) => known === method) ?? "OTHER";
}

function statusClass(answer: Awaited<Answer>): StatusClass {
  if (!(answer instanceof Response)) return "1xx";
  return STATUS_CLASSES[Math.floor(answer.status / 100) - 1] ?? "5xx";
}

/** The size of a body by its `Content-Length`; never by looking at it. */
function declaredSize({ headers }: Request | Response): number | undefined {
  const length = headers.get("content-length");
  if (length === null || !/^[0-9]{1,15}$/.test(length)) return undefined;
  return Number(length);
}
