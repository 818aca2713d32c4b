/**
 * `fetch` for calls to other services: counted, timed and traced.
 *
 * - A call sends `traceparent`, `tracestate` and `baggage`, so that the work of
 *   the other service becomes part of the same trace.
 * - The caller gets the response or the error of `fetch` unchanged.
 * - Spans record scheme, host and path of a URL, but no query, credentials or
 *   headers, and nothing of the content of a `data:` URL.
 * - Requests of the telemetry itself are passed on as they are.
 */
import { type Clock, stopwatch } from "../base/mod.ts";
import {
  bareFetch,
  callSafely,
  CLOCK,
  errorMessage,
  errorType,
  markWrapper,
  ofType,
  onSettled,
  readOptions,
  type SchemaOf,
  statusClassOf,
} from "../base/internal.ts";
import type { BareRegistry } from "../metrics/mod.ts";
import {
  activeBaggage,
  type Attributes,
  type AttributeValue,
  type Propagator,
  type Span,
  type Tracer,
  withSpan,
} from "../trace/mod.ts";
import {
  isTracedElsewhere,
  isUnobserved,
  observesFetch,
  withSpanSync,
} from "../trace/internal.ts";
import { statusOf } from "./answer.ts";
import { callMetrics, portOf } from "./client_metrics.ts";
import { OTHER_METHOD, spanName } from "./methods.ts";
import {
  BUCKETS,
  type HttpNameOptions,
  NAME_OPTIONS,
  PROPAGATORS,
  REGISTRY,
  TRACER,
} from "./option_rules.ts";
import {
  type Fetch,
  PROPAGATE,
  type Propagate,
  Propagation,
} from "./propagation.ts";
import { safeClock } from "./safe_clock.ts";
import { codeText, isCode } from "./status_code.ts";

/** Options of `instrumentFetch`. */
export interface InstrumentFetchOptions extends HttpNameOptions {
  /** The registry of the metrics. Default: the default registry. */
  readonly registry?: BareRegistry | undefined;
  /** Starts a span for each call. Default: no spans. */
  readonly tracer?: Tracer | undefined;
  /**
   * The formats in which the context is sent, such as `[b3]`. Default: W3C trace
   * context and baggage.
   */
  readonly propagators?: readonly Propagator[] | undefined;
  /**
   * The name of the called service, for the label `peer`, or a function that
   * returns it. Default: `unknown`; hosts are not used, because their number is
   * unbounded.
   */
  readonly peer?: string | ((url: URL) => string | undefined) | undefined;
  /**
   * Bucket bounds of the duration in seconds. Default: `DEFAULT_BUCKETS`; under
   * the names of the conventions also 0.075, 0.75 and 7.5.
   */
  readonly buckets?: readonly number[] | undefined;
  /**
   * The hosts to which trace context and baggage are sent: names such as
   * `localhost:8080` or `*.internal`, or a function. A name without a port stands
   * for every port. All calls are measured. Default: all hosts.
   *
   * Redirects to another origin do not get them, with two exceptions: a `Request`
   * that has a body, and bytes or forms of more than 1 MiB. The runtime follows
   * their redirects and sends all headers again. So does a wrapped `fetch` that
   * is not the runtime's own.
   */
  readonly propagate?: Propagate | undefined;
  /**
   * The `fetch` to wrap; an instrumented one is replaced by the one that it
   * wraps. Default: the current global `fetch`.
   */
  readonly fetch?: Fetch | undefined;
  /** The clock of durations. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

const UNKNOWN = "unknown";

/** The methods that `fetch` writes in capitals. */
const NORMALIZED: ReadonlySet<string> = new Set([
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "POST",
  "PUT",
]);

/** Rules and defaults of `InstrumentFetchOptions`. */
export const FETCH_OPTIONS = {
  registry: REGISTRY,
  tracer: TRACER,
  propagators: PROPAGATORS,
  peer: ofType<NonNullable<InstrumentFetchOptions["peer"]>>(
    ["string", "function"],
    'a name, such as "payments"',
  ),
  buckets: BUCKETS,
  propagate: PROPAGATE,
  fetch: ofType<Fetch>(["function"], "a function, such as fetch"),
  clock: CLOCK,
  ...NAME_OPTIONS,
} satisfies SchemaOf<InstrumentFetchOptions>;

/**
 * Returns a `fetch` that counts, times and traces its calls.
 *
 * Metrics by method, peer and outcome: `http_client_requests_total`, and
 * `http_client_request_duration_seconds`, which ends when the headers of the
 * response arrive. The outcome is a status class, `error` if there was no
 * response, or `aborted` if the caller's signal ended the call; a signal of
 * `AbortSignal.timeout()` is an error. The option `names` selects the names of
 * OpenTelemetry's conventions: `http_client_request_duration_seconds` by method,
 * server, status code and error.
 *
 * ```ts
 * import { instrumentFetch } from "@barograph/barograph/instrument";
 *
 * const call = instrumentFetch({ peer: "payments" });
 * // await call("http://payments/charge", { method: "POST" });
 * ```
 *
 * It can replace the global `fetch`. If several wrap one another, only the
 * outermost one measures a call. Trace context does not follow redirects to
 * another origin if the wrapped `fetch` is the runtime's own; see the option
 * `propagate` for exceptions.
 *
 * @throws {TypeError} Immediately, if an option is wrong or unknown. Calls throw
 *   the errors of the underlying `fetch`.
 */
export function instrumentFetch(
  options: InstrumentFetchOptions = {},
): typeof globalThis.fetch {
  const read = readOptions("Cannot instrument fetch", FETCH_OPTIONS, options);
  const { tracer } = read;
  const clock = safeClock(read.clock);
  const bare: Fetch = bareFetch(read.fetch ?? globalThis.fetch);
  const propagation = new Propagation(bare, read.propagate, read.propagators);
  if (tracer !== undefined) observesFetch();
  const { status } = read;
  const known = new Set(read.knownMethods);
  const record = callMetrics(read);

  const fetch: Fetch = (...args) => {
    if (isUnobserved()) return bare(...args);
    const [input, init] = args;
    const url = urlOf(input);
    const sent = methodFor(input, init);
    const upper = sent.toUpperCase();
    const method = known.has(upper) ? upper : OTHER_METHOD;
    const peer = peerOf(read.peer, url);
    // Another tracer's span is active: its instrumentation adds the client span.
    const span = tracer !== undefined && !isTracedElsewhere()
      ? tracer.start(spanName(method, peer === UNKNOWN ? "" : peer), {
        kind: "client",
        attributes: () => attributesOf(method, sent, url),
      })
      : undefined;
    const watch = stopwatch(clock);
    const work = () => propagation.send(args, url);
    return onSettled(
      () => span ? withSpan(span, activeBaggage(), work) : work(),
      (failed, result) => {
        const seconds = watch.seconds();
        const outcome = failed
          ? isAborted(result, args) ? "aborted" : "error"
          : outcomeOf(statusOf(result) ?? 0, status);
        const call = { method, peer, outcome, url, failed, result };
        if (!span?.recording) return record(call, seconds);
        withSpanSync(span, () => record(call, seconds));
        end(span, outcome, failed, result);
      },
    );
  };
  // Inherits what else the function has, such as `preconnect` on Bun.
  if (typeof bare === "function") Object.setPrototypeOf(fetch, bare);
  markWrapper(fetch, bare);
  return fetch as typeof globalThis.fetch;
}

/** Returns the label value of a response; `error` if it has no legal status. */
function outcomeOf(status: number, by: "class" | "code"): string {
  const code = Math.trunc(status);
  return by === "code" && isCode(code) ? codeText(code) : statusClassOf(status);
}

/** Returns whether the caller's signal has ended a call, not its time limit. */
function isAborted(error: unknown, [input, init]: Parameters<Fetch>): boolean {
  try {
    const signal = init?.signal ?? (input as Partial<Request>).signal;
    return signal?.aborted === true && signal.reason === error &&
      errorType(error) !== "TimeoutError";
  } catch {
    return false;
  }
}

function end(
  span: Span,
  outcome: string,
  failed: boolean,
  result: unknown,
): void {
  if (outcome === "aborted") return span.end();
  const status = failed ? undefined : statusOf(result);
  if (outcome === "error" && status === undefined) {
    span.setAttribute("error.type", errorType(result));
    span.recordException(result).setStatus("error", errorMessage(result));
    return span.end();
  }
  span.setAttribute("http.response.status_code", status);
  if (status !== undefined && status >= 400) {
    span.setAttribute("error.type", String(status)).setStatus("error");
  }
  span.end();
}

function attributesOf(
  method: string,
  sent: string,
  url: URL | undefined,
): Attributes {
  const attributes: Record<string, AttributeValue> = {
    "http.request.method": method,
  };
  if (sent !== method) attributes["http.request.method_original"] = sent;
  if (url === undefined) return attributes;
  const { protocol, host, hostname, pathname } = url;
  // Without a host, the rest is the content itself, or a path of this machine.
  attributes["url.full"] = host === ""
    ? protocol
    : `${protocol}//${host}${pathname}`;
  if (host === "") return attributes;
  attributes["server.address"] = hostname;
  const port = portOf(url);
  if (port !== "") attributes["server.port"] = Number(port);
  return attributes;
}

function urlOf(input: string | URL | Request): URL | undefined {
  try {
    return new URL(input instanceof Request ? input.url : input);
  } catch {
    return undefined; // `fetch` rejects with the error
  }
}

/** Returns the method that `fetch` sends. */
function methodFor(
  input: string | URL | Request,
  init: RequestInit | undefined,
): string {
  try {
    const given = init?.method ??
      (input instanceof Request ? input.method : "GET");
    const method = String(given);
    const upper = method.toUpperCase();
    return NORMALIZED.has(upper) ? upper : method;
  } catch {
    return "GET"; // `fetch` rejects with the error
  }
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
