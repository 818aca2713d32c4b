/** The options of `instrumentHandler`. */
import type { Clock } from "../base/mod.ts";
import {
  CLOCK,
  fn,
  ofType,
  type ReadOptions,
  type SchemaOf,
} from "../base/internal.ts";
import type { BareRegistry, NativeOptions } from "../metrics/mod.ts";
import type { Attributes, Propagator, Tracer } from "../trace/mod.ts";
import {
  BUCKETS,
  type HttpNameOptions,
  NAME_OPTIONS,
  PROPAGATORS,
  REGISTRY,
  TRACER,
} from "./option_rules.ts";

/** Options of `instrumentHandler`. */
export interface InstrumentOptions extends HttpNameOptions {
  /** The registry of the metrics. Default: the default registry. */
  readonly registry?: BareRegistry | undefined;
  /**
   * The route template of a request, such as `/users/:id`, or a function that
   * returns it. The function is called once, after the handler has answered: a
   * router may have found the template by then. Default: the label value
   * `unknown`.
   */
  readonly route?:
    | string
    | ((request: Request) => string | undefined)
    | undefined;
  /**
   * Returns true for requests, such as scrapes, to leave out of metrics and
   * spans.
   */
  readonly ignore?: ((request: Request) => boolean) | undefined;
  /**
   * Bucket bounds of the duration in seconds. Default: `DEFAULT_BUCKETS`; under
   * the names of the conventions also 0.075, 0.75 and 7.5.
   */
  readonly buckets?: readonly number[] | undefined;
  /**
   * Also counts durations and sizes into native buckets: see `HistogramOptions`.
   * With `buckets: []`, durations have native buckets only. Default: false.
   */
  readonly native?: boolean | NativeOptions | undefined;
  /** The clock of durations and spans. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** Starts a span for each request. Default: no spans. */
  readonly tracer?: Tracer | undefined;
  /**
   * The formats in which callers send their context, such as `[b3]`. Default: W3C
   * trace context and baggage.
   */
  readonly propagators?: readonly Propagator[] | undefined;
  /** The instrumentation scope of the spans. Default: the tracer's name. */
  readonly tracerName?: string | undefined;
  /** Selects the requests that get a span; metrics count all requests. Default: all. */
  readonly filter?: ((request: Request) => boolean) | undefined;
  /** Returns further span attributes; called once per recorded span. */
  readonly attributes?: ((request: Request) => Attributes) | undefined;
  /** Returns the span attribute `user.id`. Default: no user is recorded. */
  readonly userId?: ((request: Request) => string | undefined) | undefined;
}

/** Rules and defaults of `InstrumentOptions`. */
export const HANDLER_OPTIONS = {
  registry: REGISTRY,
  route: ofType<NonNullable<InstrumentOptions["route"]>>(
    ["string", "function"],
    'a template, such as "/users/:id"',
  ),
  ignore: fn<(request: Request) => boolean>("(request) => false"),
  buckets: BUCKETS,
  native: ofType<boolean | NativeOptions>(
    ["boolean", "object"],
    "true, or options such as { schema: 3 }",
    false,
  ),
  clock: CLOCK,
  tracer: TRACER,
  propagators: PROPAGATORS,
  tracerName: ofType<string>(["string"], 'a name, such as "shop"'),
  filter: fn<(request: Request) => boolean>("(request) => true"),
  attributes: fn<(request: Request) => Attributes>("(request) => ({})"),
  userId: fn<(request: Request) => string | undefined>(
    "(request) => undefined",
  ),
  ...NAME_OPTIONS,
} satisfies SchemaOf<InstrumentOptions>;

/** Checked options, with defaults filled in. */
export type HandlerOptions = ReadOptions<typeof HANDLER_OPTIONS>;
