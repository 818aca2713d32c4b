/**
 * `fetch` for calls to other services: counted, timed and traced.
 *
 * - A call sends `traceparent`, `tracestate` and `baggage`, so that the work of
 *   the other service becomes part of the same trace.
 * - The caller gets the response or the error of `fetch` unchanged.
 * - Spans record scheme, host and path of a URL, but no query, credentials or
 *   headers.
 */
import { type Clock, stopwatch } from "../base/mod.ts";
import {
  callSafely,
  CLOCK,
  errorMessage,
  errorType,
  ofType,
  onSettled,
  readOptions,
  type SchemaOf,
  STATUS_CLASSES,
  statusClassOf,
} from "../base/internal.ts";
import {
  type BareRegistry,
  type Counter,
  counter,
  type Family,
  type Histogram,
  histogram,
} from "../metrics/mod.ts";
import { defaultBareRegistry } from "../metrics/internal.ts";
import {
  activeBaggage,
  type Attributes,
  inject,
  type Span,
  type Tracer,
  withSpan,
} from "../trace/mod.ts";
import { isTracedElsewhere, withSpanSync } from "../trace/internal.ts";
import { methodOf } from "./methods.ts";
import { BUCKETS, REGISTRY, TRACER } from "./option_rules.ts";

/** The signature of `fetch`. */
export type Fetch = (
  input: string | URL | Request,
  init?: RequestInit,
) => Promise<Response>;

/** Options of `instrumentFetch`. */
export interface InstrumentFetchOptions {
  /** The registry of the metrics. Default: the default registry. */
  readonly registry?: BareRegistry | undefined;
  /** Starts a span for each call. Default: no spans. */
  readonly tracer?: Tracer | undefined;
  /**
   * The name of the called service, for the label `peer`, or a function that
   * returns it. Default: `unknown`; hosts are not used, because their number is
   * unbounded.
   */
  readonly peer?: string | ((url: URL) => string | undefined) | undefined;
  /** Bucket bounds of the duration in seconds. Default: `DEFAULT_BUCKETS`. */
  readonly buckets?: readonly number[] | undefined;
  /** The `fetch` to wrap. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: Fetch | undefined;
  /** The clock of durations. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const UNKNOWN = "unknown";
const OUTCOMES = [...STATUS_CLASSES, "error"] as const;
type Labels = readonly ["method", "peer", "outcome"];
type Sets = { readonly outcome: typeof OUTCOMES };

/** Rules and defaults of `InstrumentFetchOptions`. */
export const FETCH_OPTIONS = {
  registry: REGISTRY,
  tracer: TRACER,
  peer: ofType<NonNullable<InstrumentFetchOptions["peer"]>>(
    ["string", "function"],
    'a name, such as "payments"',
  ),
  buckets: BUCKETS,
  fetch: ofType<Fetch>(["function"], "a function, such as fetch"),
  clock: CLOCK,
} satisfies SchemaOf<InstrumentFetchOptions>;

/**
 * Returns a `fetch` that counts, times and traces its calls.
 *
 * Metrics by method, peer and outcome (a status class, or `error` if there was
 * no response): `http_client_requests_total`, and
 * `http_client_request_duration_seconds`, which ends when the headers of the
 * response arrive.
 *
 * ```ts
 * import { instrumentFetch } from "@barograph/barograph/instrument";
 *
 * const call = instrumentFetch({ peer: "payments" });
 * // await call("http://payments/charge", { method: "POST" });
 * ```
 *
 * @throws {TypeError} Immediately, if an option is wrong or unknown. Calls throw
 *   the errors of the underlying `fetch`.
 */
export function instrumentFetch(options: InstrumentFetchOptions = {}): Fetch {
  const read = readOptions("Cannot instrument fetch", FETCH_OPTIONS, options);
  const { registry = defaultBareRegistry(), buckets, tracer, clock } = read;
  const call: Fetch = read.fetch ?? ((...rest) => fetch(...rest));
  const terms = {
    labels: ["method", "peer", "outcome"],
    values: { outcome: OUTCOMES },
  } as const;
  const requests: Family<Labels, Counter, Sets> = counter({
    name: "http_client_requests_total",
    help: "Requests sent to other services.",
    ...terms,
  }, registry);
  const durations: Family<Labels, Histogram, Sets> = histogram({
    name: "http_client_request_duration_seconds",
    help: "Time until the headers of the response were there.",
    unit: "seconds",
    ...terms,
    buckets,
  }, registry);

  return (input, init) => {
    const url = urlOf(input);
    const method = methodOf({ method: methodFor(input, init) });
    const peer = peerOf(read.peer, url);
    // Another tracer's span is active: its instrumentation adds the client span.
    const span = !isTracedElsewhere()
      ? tracer?.start(peer === UNKNOWN ? method : `${method} ${peer}`, {
        kind: "client",
        attributes: () => attributesOf(method, url),
      })
      : undefined;
    const watch = stopwatch(clock);
    const work = () => {
      const headers = headersFor(input, init);
      return call(input, headers === undefined ? init : { ...init, headers });
    };
    return onSettled(
      () => span ? withSpan(span, activeBaggage(), work) : work(),
      (failed, outcome) => {
        const record = () => {
          const result = failed
            ? "error"
            : statusClassOf((outcome as Response).status);
          requests.at(method, peer, result).inc();
          durations.at(method, peer, result).observe(watch.seconds());
        };
        if (!span?.recording) return record();
        withSpanSync(span, record);
        end(span, failed, outcome);
      },
    );
  };
}

/** Adds the active context to the headers of a call; undefined if it is empty. */
function headersFor(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Headers | undefined {
  const context: [string, string][] = [];
  inject({ set: (name, value) => void context.push([name, value]) });
  if (context.length === 0) return undefined;
  const original = init?.headers ??
    (input instanceof Request ? input.headers : undefined);
  const headers = new Headers(original);
  for (const [name, value] of context) headers.set(name, value);
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

function attributesOf(method: string, url: URL | undefined): Attributes {
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
    return undefined; // `fetch` throws the error
  }
}

function methodFor(
  input: string | URL | Request,
  init: RequestInit | undefined,
): string {
  const method = init?.method ??
    (input instanceof Request ? input.method : "GET");
  return String(method).toUpperCase();
}

function peerOf(
  peer: InstrumentFetchOptions["peer"],
  url: URL | undefined,
): string {
  const name: unknown = typeof peer !== "function"
    ? peer
    : url && callSafely(peer, url);
  return typeof name === "string" && name !== "" ? name : UNKNOWN;
}
