/**
 * Metrics and spans around one link of a chain `(ctx, next)`: UI events,
 * WebSocket messages, jobs of a queue.
 *
 * - What `next` returns or throws reaches the caller unchanged.
 * - An event is counted once, also when it throws or is rejected.
 * - No raw path ever becomes a label: a route is a template that the user
 *   names, else `unknown`.
 */
import { type Clock, stopwatch, systemClock } from "../base/mod.ts";
import { checkOptions, type Kinds, onSettled } from "../base/internal.ts";
import {
  type Counter,
  DEFAULT_BUCKETS,
  defaultRegistry,
  type Family,
  type Histogram,
  type NoSets,
  type Registry,
} from "../metrics/mod.ts";
import {
  activeBaggage,
  type Attributes,
  extract,
  type HeaderGetter,
  runWith,
  type Span,
  type SpanKind,
  type Tracer,
} from "../trace/mod.ts";
import { during, errorMessage, isolated } from "../trace/internal.ts";
import { asked } from "./asked.ts";
import { ERROR_CATEGORIES, errorCategory } from "./error_category.ts";

/** One link of a chain of handlers. */
export type EventMiddleware<C> = <T>(ctx: C, next: () => T) => T;

/** What can be asked of instrumented events. */
export interface InstrumentEventsOptions<C> {
  /** Where the metrics live; the default registry unless given. */
  readonly registry?: Registry;
  /**
   * Told of each event in the place of the metrics: its path, how long it took
   * in seconds, and in a list of one what it failed with, if it did.
   */
  readonly record?: (
    path: string,
    seconds: number,
    failure?: readonly [unknown],
  ) => void;
  /** Put before the names of the metrics, with `_`; nothing unless given. */
  readonly namespace?: string;
  /**
   * The template that an event belongs to, for the label `path`; `/` if it is
   * empty, `unknown` if there is none.
   */
  readonly route?: (ctx: C) => string | undefined;
  /** Bounds of the duration in seconds; the default ones unless given. */
  readonly buckets?: readonly number[];
  /** Makes a span of each event; no spans unless given. */
  readonly tracer?: Tracer;
  /** The name of the span; `event` and the route unless given. */
  readonly spanName?: (ctx: C) => string;
  /** The kind of the span; `server` unless given. */
  readonly kind?: SpanKind;
  /** Which events get a span; all unless given. Metrics count all. */
  readonly filter?: (ctx: C) => boolean;
  /** Facts that are known before the event; asked once a recorded span. */
  readonly attributes?: (ctx: C) => Attributes;
  /** Facts that are known after it, also where it failed. */
  readonly outcome?: (ctx: C) => Attributes;
  /** What a message carries of its sender's trace: its headers. */
  readonly headers?: (ctx: C) => HeaderGetter | undefined;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

const KINDS: Kinds<InstrumentEventsOptions<never>> = {
  registry: [["object"], "a registry, such as createRegistry()"],
  record: [["function"], "a function, such as (path, seconds, failure) => {}"],
  namespace: [["string"], 'a prefix, such as "chat"'],
  route: [["function"], "a function, such as (ctx) => ctx.pattern"],
  buckets: [["object"], "a list of seconds, such as [0.1, 1]"],
  tracer: [["object"], "a tracer, such as createTracer()"],
  spanName: [["function"], "a function, such as (ctx) => ctx.type"],
  kind: [["string"], '"server" or "consumer"'],
  filter: [["function"], "a function, such as (ctx) => true"],
  attributes: [["function"], "a function, such as (ctx) => ({})"],
  outcome: [["function"], "a function, such as (ctx) => ({})"],
  headers: [["function"], "a function, such as (ctx) => ctx.headers"],
  clock: [["object"], "a clock, such as systemClock"],
};

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
 * A link of a chain that measures what comes after it.
 *
 * Counts `events_total` by path and status, `event_duration_seconds` by path,
 * and `event_errors_total` by path and kind of error: see `errorCategory`.
 *
 * ```ts
 * import { instrumentEvents } from "@barograph/barograph/instrument";
 *
 * const measure = instrumentEvents<{ room: string }>({
 *   namespace: "chat",
 *   route: () => "/rooms/:room",
 * });
 * await measure({ room: "lobby" }, async () => {
 *   // the next link of the chain
 * });
 * ```
 *
 * @throws {TypeError} At once, if an option is wrong.
 * @throws {FamilyConflictError} At once, if the registry has these families
 *   with other terms, such as other `buckets`.
 */
export function instrumentEvents<C>(
  options: InstrumentEventsOptions<C> = {},
): EventMiddleware<C> {
  checkOptions("Cannot instrument events", options, KINDS as never);
  const tell = options.record ?? metricsOf(options);
  const { clock = systemClock, tracer, filter, headers } = options;

  return (ctx, next) => {
    const watch = stopwatch(clock);
    const done = (failed: boolean, error: unknown, span?: Span) => {
      const path = pathOf(options, ctx);
      const seconds = watch.seconds();
      const record = () => {
        if (failed) tell(path, seconds, [error]);
        else tell(path, seconds);
      };
      if (!span?.recording) return record();
      during(span, record);
      end(span, options, ctx, failed, error);
    };
    if (tracer === undefined) return onSettled(next, done);
    if (filter !== undefined && asked(filter, ctx) === false) {
      return onSettled(() => isolated(next), done);
    }
    const remote = headers && asked((of) => extract(headers(of)), ctx);
    const span = tracer.start(nameOf(options, ctx), {
      kind: options.kind ?? "server",
      attributes: () => options.attributes?.(ctx) ?? {},
      ...(remote?.parent && { parent: remote.parent }),
    });
    const isSent = remote !== undefined &&
      (remote.parent !== undefined || remote.baggage.size > 0);
    const baggage = isSent ? remote.baggage : activeBaggage();
    return onSettled(
      () => runWith(span, baggage, next),
      (failed, error) => done(failed, error, span),
    );
  };
}

function end<C>(
  span: Span,
  { outcome }: InstrumentEventsOptions<C>,
  ctx: C,
  failed: boolean,
  error: unknown,
): void {
  const facts = outcome && asked(outcome, ctx);
  if (facts !== undefined) span.setAttributes(facts);
  if (failed) {
    span.recordException(error).setStatus("error", errorMessage(error));
  } else span.setStatus("ok");
  span.end();
}

/** Tells the families of a registry. */
function metricsOf<C>(
  options: InstrumentEventsOptions<C>,
): NonNullable<InstrumentEventsOptions<C>["record"]> {
  const { registry = defaultRegistry(), buckets = DEFAULT_BUCKETS } = options;
  const namespace = options.namespace ? { namespace: options.namespace } : {};
  const { events, durations, errors }: EventMetrics = {
    events: registry.counter({
      ...namespace,
      name: "events_total",
      help: "Events handled, by how they ended.",
      labels: ["path", "status"],
      values: { status: STATUSES },
    }),
    durations: registry.histogram({
      ...namespace,
      name: "event_duration_seconds",
      help: "Time that events took, failed ones among them.",
      unit: "seconds",
      labels: ["path"],
      buckets,
    }),
    errors: registry.counter({
      ...namespace,
      name: "event_errors_total",
      help: "Events that failed, by kind of error.",
      labels: ["path", "error_type"],
      values: { error_type: ERROR_CATEGORIES },
    }),
  };
  return (path, seconds, failure) => {
    durations.at(path).observe(seconds);
    events.at(path, failure === undefined ? "success" : "error").inc();
    if (failure === undefined) return;
    errors.at(path, errorCategory(failure[0])).inc();
  };
}

function pathOf<C>({ route }: InstrumentEventsOptions<C>, ctx: C): string {
  const told: unknown = route && asked(route, ctx);
  if (typeof told !== "string") return "unknown";
  return told === "" ? "/" : told;
}

function nameOf<C>(options: InstrumentEventsOptions<C>, ctx: C): string {
  const told: unknown = options.spanName && asked(options.spanName, ctx);
  if (typeof told === "string" && told !== "") return told;
  return `event ${pathOf(options, ctx)}`;
}
