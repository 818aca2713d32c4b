/**
 * Middleware `(ctx, next)` that measures and traces UI events, WebSocket
 * messages or jobs of a queue.
 *
 * - The caller gets the result or the error of `next` unchanged.
 * - An event is counted once, even if it throws or rejects.
 * - A raw path never becomes a label value: a route is a template from the
 *   option `route`, or `unknown`.
 */
import { type Clock, stopwatch } from "../base/mod.ts";
import {
  callSafely,
  CLOCK,
  errorMessage,
  fn,
  ofType,
  oneOf,
  onSettled,
  type ReadOptions,
  readOptions,
  type SchemaOf,
} from "../base/internal.ts";
import {
  type BareRegistry,
  type Counter,
  counter,
  type Family,
  type Histogram,
  histogram,
  type NoSets,
} from "../metrics/mod.ts";
import {
  activeBaggage,
  type Attributes,
  extract,
  type HeaderGetter,
  type Propagator,
  type Span,
  type SpanKind,
  type Tracer,
  withSpan,
} from "../trace/mod.ts";
import { withoutContext, withSpanSync } from "../trace/internal.ts";
import { headerOf } from "./answer.ts";
import { ERROR_CATEGORIES, errorCategory } from "./error_category.ts";
import { BUCKETS, PROPAGATORS, REGISTRY, TRACER } from "./option_rules.ts";
import { safeClock } from "./safe_clock.ts";

/** Middleware: handles `ctx` by calling `next`, the rest of the chain. */
export type EventMiddleware<C> = <T>(ctx: C, next: () => T) => T;

/** Options of `instrumentEvents`; `C` is the context of an event. */
export interface InstrumentEventsOptions<C> {
  /** The registry of the metrics. Default: the default registry. */
  readonly registry?: BareRegistry | undefined;
  /**
   * Called for each event, in place of the metrics. Receives the path, the
   * duration in seconds and, if the event failed, an array with the error. Its
   * exceptions and rejections are ignored.
   */
  readonly record?:
    | ((
      path: string,
      seconds: number,
      failure?: readonly [unknown],
    ) => void)
    | undefined;
  /** Prefix of the metric names, joined by `_`. Default: none. */
  readonly namespace?: string | undefined;
  /**
   * Returns the route template of an event, for the label `path`. An empty
   * template becomes `/`, a missing one `unknown`.
   */
  readonly route?: ((ctx: C) => string | undefined) | undefined;
  /** Bucket bounds of the duration in seconds. Default: `DEFAULT_BUCKETS`. */
  readonly buckets?: readonly number[] | undefined;
  /** Starts a span for each event. Default: no spans. */
  readonly tracer?: Tracer | undefined;
  /** The formats of `headers`. Default: W3C trace context and baggage. */
  readonly propagators?: readonly Propagator[] | undefined;
  /** Returns the name of the span. Default: `event` and the route. */
  readonly spanName?: ((ctx: C) => string) | undefined;
  /** The kind of the span. Default: `server`. */
  readonly kind?: SpanKind | undefined;
  /** Selects the events that get a span; metrics count all events. Default: all. */
  readonly filter?: ((ctx: C) => boolean) | undefined;
  /** Returns attributes known at the start; called once per recorded span. */
  readonly attributes?: ((ctx: C) => Attributes) | undefined;
  /** Returns attributes known at the end; called for failed events too. */
  readonly outcome?: ((ctx: C) => Attributes) | undefined;
  /** Returns the headers of a message; they carry the sender's trace context. */
  readonly headers?: ((ctx: C) => HeaderGetter | undefined) | undefined;
  /** The clock of durations. Default: the system clock. */
  readonly clock?: Clock | undefined;
}

type AnyOptions = InstrumentEventsOptions<never>;

const OPTIONS = {
  registry: REGISTRY,
  record: fn<NonNullable<AnyOptions["record"]>>(
    "(path, seconds, failure) => {}",
  ),
  namespace: ofType<string>(["string"], 'a prefix, such as "chat"', ""),
  route: fn<NonNullable<AnyOptions["route"]>>("(ctx) => ctx.pattern"),
  buckets: BUCKETS,
  tracer: TRACER,
  propagators: PROPAGATORS,
  spanName: fn<NonNullable<AnyOptions["spanName"]>>("(ctx) => ctx.type"),
  kind: oneOf<SpanKind>(
    ["server", "consumer", "internal", "client", "producer"],
    "server",
  ),
  filter: fn<NonNullable<AnyOptions["filter"]>>("(ctx) => true"),
  attributes: fn<NonNullable<AnyOptions["attributes"]>>("(ctx) => ({})"),
  outcome: fn<NonNullable<AnyOptions["outcome"]>>("(ctx) => ({})"),
  headers: fn<NonNullable<AnyOptions["headers"]>>("(ctx) => ctx.headers"),
  clock: CLOCK,
} satisfies SchemaOf<AnyOptions>;

/** The options that have a default. */
type Defaulted = "namespace" | "buckets" | "kind" | "clock";

/** Checked options, with defaults filled in. */
type Options<C> =
  & Omit<InstrumentEventsOptions<C>, Defaulted>
  & Pick<ReadOptions<typeof OPTIONS>, Defaulted>;

const STATUSES = ["success", "error"] as const;

interface EventMetrics {
  readonly events: Family<
    readonly ["path", "status"],
    Counter,
    { readonly status: typeof STATUSES }
  >;
  readonly durations: Family<readonly ["path"], Histogram, NoSets>;
  readonly errors: Family<
    readonly ["path", "error_type"],
    Counter,
    { readonly error_type: typeof ERROR_CATEGORIES }
  >;
}

/**
 * Returns middleware that measures and traces the rest of the chain.
 *
 * Metrics: `events_total` by path and status, `event_duration_seconds` by path,
 * and `event_errors_total` by path and error category (see `errorCategory`).
 *
 * ```ts
 * import { instrumentEvents } from "@barograph/barograph/instrument";
 *
 * const measure = instrumentEvents<{ room: string }>({
 *   namespace: "chat",
 *   route: () => "/rooms/:room",
 * });
 * await measure({ room: "lobby" }, async () => {
 *   // the rest of the chain
 * });
 * ```
 *
 * @throws {TypeError} Immediately, if an option is wrong or unknown.
 * @throws {FamilyConflictError} Immediately, if the registry has these families
 *   with other terms, such as other `buckets`.
 */
export function instrumentEvents<C>(
  options: InstrumentEventsOptions<C> = {},
): EventMiddleware<C> {
  const read = readOptions(
    "Cannot instrument events",
    OPTIONS,
    options,
  ) as Options<C>;
  const report = read.record ?? metricsOf(read);
  const { tracer, filter, headers, attributes, kind } = read;
  const clock = safeClock(read.clock);

  return (ctx, next) => {
    const watch = stopwatch(clock);
    const done = (failed: boolean, error: unknown, span?: Span) => {
      const path = pathOf(read, ctx);
      const seconds = watch.seconds();
      const call = () =>
        failed ? report(path, seconds, [error]) : report(path, seconds);
      const record = () => void callSafely(call, undefined);
      if (!span?.recording) return record();
      withSpanSync(span, record);
      end(span, read, ctx, failed, error);
    };
    if (tracer === undefined) return onSettled(next, done);
    if (filter !== undefined && callSafely(filter, ctx) === false) {
      return onSettled(() => withoutContext(next), done);
    }
    const message = headers && { headers: callSafely(headers, ctx) };
    const remote = message &&
      extract({ get: (name) => headerOf(message, name) }, read.propagators);
    const span = tracer.start(nameOf(read, ctx), {
      kind,
      attributes: () => attributes && callSafely(attributes, ctx) || {},
      parent: remote?.parent,
    });
    const hasContext = remote !== undefined &&
      (remote.parent !== undefined || remote.baggage.size > 0);
    const baggage = hasContext ? remote.baggage : activeBaggage();
    const within = <R>(part: () => R): R => withSpan(span, baggage, part);
    return onSettled(
      () => within(next),
      (failed, error) => done(failed, error, span),
      within,
    );
  };
}

function end<C>(
  span: Span,
  { outcome }: Options<C>,
  ctx: C,
  failed: boolean,
  error: unknown,
): void {
  const attributes = outcome && callSafely(outcome, ctx);
  if (attributes !== undefined) span.setAttributes(attributes);
  if (failed) {
    span.recordException(error).setStatus("error", errorMessage(error));
  } else span.setStatus("ok");
  span.end();
}

/** Declares the metrics and returns a function that records an event. */
function metricsOf<C>(
  { registry, buckets, namespace }: Options<C>,
): NonNullable<InstrumentEventsOptions<C>["record"]> {
  const { events, durations, errors }: EventMetrics = {
    events: counter({
      namespace,
      name: "events_total",
      help: "Events handled, by how they ended.",
      labels: ["path", "status"],
      values: { status: STATUSES },
    }, registry),
    durations: histogram({
      namespace,
      name: "event_duration_seconds",
      help: "Time that events took, failed ones among them.",
      unit: "seconds",
      labels: ["path"],
      buckets,
    }, registry),
    errors: counter({
      namespace,
      name: "event_errors_total",
      help: "Events that failed, by kind of error.",
      labels: ["path", "error_type"],
      values: { error_type: ERROR_CATEGORIES },
    }, registry),
  };
  return (path, seconds, failure) => {
    durations.at(path).observe(seconds);
    events.at(path, failure === undefined ? "success" : "error").inc();
    if (failure === undefined) return;
    errors.at(path, errorCategory(failure[0])).inc();
  };
}

function pathOf<C>({ route }: Options<C>, ctx: C): string {
  const template: unknown = route && callSafely(route, ctx);
  if (typeof template !== "string") return "unknown";
  return template === "" ? "/" : template;
}

function nameOf<C>(options: Options<C>, ctx: C): string {
  const name: unknown = options.spanName && callSafely(options.spanName, ctx);
  if (typeof name === "string" && name !== "") return name;
  return `event ${pathOf(options, ctx)}`;
}
