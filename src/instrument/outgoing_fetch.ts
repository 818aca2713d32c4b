/**
 * `fetch` for calls to other services: counted, timed, and part of the trace.
 *
 * - The call carries `traceparent`, `tracestate` and `baggage`, so that what
 *   the other service does becomes part of the same trace.
 * - What the caller sees is what `fetch` gives: the same response, the same
 *   error.
 * - Of a URL only scheme, host and path are recorded; never a query, a password
 *   or a header.
 */
import { type Clock, stopwatch, systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds, onSettled } from "../base/internal.ts";
import {
  type Counter,
  DEFAULT_BUCKETS,
  defaultRegistry,
  type Family,
  type Histogram,
  type Registry,
} from "../metrics/mod.ts";
import {
  activeBaggage,
  type Attributes,
  inject,
  runWith,
  type Span,
  type Tracer,
} from "../trace/mod.ts";
import {
  during,
  errorMessage,
  errorType,
  foreignContext,
} from "../trace/internal.ts";
import { asked } from "./asked.ts";
import { methodOf } from "./methods.ts";

/** The `fetch` of the platform, as far as it is used. */
export type Fetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

/** What can be asked of an instrumented `fetch`. */
export interface InstrumentFetchOptions {
  /** Where the metrics live; the default registry unless given. */
  readonly registry?: Registry;
  /** Makes a span of each call; no spans unless given. */
  readonly tracer?: Tracer;
  /**
   * The service that is called, for the label `peer`: fixed, or by URL.
   * `unknown` where there is none: a host can be anybody's.
   */
  readonly peer?: string | ((url: URL) => string | undefined);
  /** Bounds of the duration in seconds; the default ones unless given. */
  readonly buckets?: readonly number[];
  /** What fetches; the platform's unless given. */
  readonly fetch?: Fetch;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

const UNKNOWN = "unknown";
const OUTCOMES = ["1xx", "2xx", "3xx", "4xx", "5xx", "error"] as const;
type Outcome = typeof OUTCOMES[number];
type Labels = readonly ["method", "peer", "outcome"];
type Sets = { readonly outcome: typeof OUTCOMES };

const KINDS: Kinds<InstrumentFetchOptions> = {
  registry: [["object"], "a registry, such as createRegistry()"],
  tracer: [["object"], "a tracer, such as createTracer()"],
  peer: [["string", "function"], 'a name, such as "payments"'],
  buckets: [["object"], "a list of seconds, such as [0.1, 1]"],
  fetch: [["function"], "a function, such as fetch"],
  clock: [["object"], "a clock, such as systemClock"],
};

/**
 * A `fetch` that measures.
 *
 * Counts by method, peer and outcome (a status class, or `error` where there
 * is no response): `http_client_requests_total`, and
 * `http_client_request_duration_seconds`, until the headers of the response
 * are there.
 *
 * ```ts
 * import { instrumentFetch } from "@barograph/barograph/instrument";
 *
 * const call = instrumentFetch({ peer: "payments" });
 * // await call("http://payments/charge", { method: "POST" });
 * ```
 *
 * @throws {TypeError} At once, if an option is wrong; calls throw what the
 *   underlying `fetch` throws.
 */
export function instrumentFetch(options: InstrumentFetchOptions = {}): Fetch {
  checkOptions("Cannot instrument fetch", options, KINDS);
  const { registry = defaultRegistry(), buckets = DEFAULT_BUCKETS } = options;
  const { tracer, clock = systemClock } = options;
  const call: Fetch = options.fetch ?? ((...given) => fetch(...given));
  const terms = {
    labels: ["method", "peer", "outcome"],
    values: { outcome: OUTCOMES },
  } as const;
  const requests: Family<Labels, Counter, Sets> = registry.counter({
    name: "http_client_requests_total",
    help: "Requests sent to other services.",
    ...terms,
  });
  const durations: Family<Labels, Histogram, Sets> = registry.histogram({
    name: "http_client_request_duration_seconds",
    help: "Time until the headers of the response were there.",
    unit: "seconds",
    ...terms,
    buckets,
  });

  return (input, init) => {
    const url = urlOf(input);
    const method = methodOf({ method: wantedMethod(input, init) });
    const peer = peerOf(options.peer, url);
    // Another tracer makes a span of every call by itself.
    const span = foreignContext() === undefined
      ? tracer?.start(peer === UNKNOWN ? method : `${method} ${peer}`, {
        kind: "client",
        attributes: () => facts(method, url),
      })
      : undefined;
    const watch = stopwatch(clock);
    const work = () => {
      const headers = carried(input, init);
      return call(input, headers === undefined ? init : { ...init, headers });
    };
    return onSettled(
      () => span ? runWith(span, activeBaggage(), work) : work(),
      (failed, outcome) => {
        const record = () => {
          const how = failed ? "error" : classOf((outcome as Response).status);
          requests.at(method, peer, how).inc();
          durations.at(method, peer, how).observe(watch.seconds());
        };
        if (!span?.recording) return record();
        during(span, record);
        end(span, failed, outcome);
      },
    );
  };
}

/** The headers of a call with the present context in them; undefined if none. */
function carried(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Headers | undefined {
  const found: [string, string][] = [];
  inject({ set: (name, value) => void found.push([name, value]) });
  if (found.length === 0) return undefined;
  const given = init?.headers ??
    (input instanceof Request ? input.headers : undefined);
  const headers = new Headers(given);
  for (const [name, value] of found) headers.set(name, value);
  return headers;
}

function end(span: Span, failed: boolean, outcome: unknown): void {
  if (failed) {
    span.setAttribute("error.type", errorType(outcome));
    span.recordException(outcome).setStatus("error", errorMessage(outcome));
    return span.end();
  }
  const { status } = outcome as Response;
  span.setAttribute("http.response.status_code", status);
  if (status >= 400) {
    span.setAttribute("error.type", String(status)).setStatus("error");
  }
  span.end();
}

function facts(method: string, url: URL | undefined): Attributes {
  if (url === undefined) return { "http.request.method": method };
  const { protocol, hostname, port, origin, pathname } = url;
  return {
    "http.request.method": method,
    "url.full": `${origin}${pathname}`,
    "server.address": hostname,
    "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
  };
}

function urlOf(input: string | URL | Request): URL | undefined {
  try {
    return new URL(input instanceof Request ? input.url : input);
  } catch {
    return undefined; // fetch says what is wrong with it
  }
}

function wantedMethod(
  input: string | URL | Request,
  init: RequestInit | undefined,
): string {
  const given = init?.method ??
    (input instanceof Request ? input.method : "GET");
  return String(given).toUpperCase();
}

function peerOf(
  peer: InstrumentFetchOptions["peer"],
  url: URL | undefined,
): string {
  const told: unknown = typeof peer !== "function"
    ? peer
    : url && asked(peer, url);
  return typeof told === "string" && told !== "" ? told : UNKNOWN;
}

function classOf(status: number): Outcome {
  return OUTCOMES[Math.floor(status / 100) - 1] ?? "error";
}
