/** The interfaces of a telemetry and of its options. */
import type { Clock, Timers } from "../base/mod.ts";
import type { RequestEvents, ScrapeEvents } from "../bridge/mod.ts";
import type { Bus } from "../bus/mod.ts";
import type {
  Authorize,
  EventsHandler,
  Handler,
  Origins,
  Redact,
} from "../http/mod.ts";
import type {
  Answer,
  Fetch,
  InstrumentFetchOptions,
  InstrumentOptions,
} from "../instrument/mod.ts";
import type { Registry } from "../metrics/mod.ts";
import type { SpanExporterOptions } from "../push/mod.ts";
import type { Sampler, Tracer } from "../trace/mod.ts";

/** The topics of a telemetry's bus: requests and scrapes. */
export type TelemetryEvents = RequestEvents & ScrapeEvents;

/** Options of the export of spans; the telemetry provides the clock. */
export type CollectorOptions = Omit<SpanExporterOptions, "clock">;

/** Options of `createTelemetry`. */
export interface TelemetryOptions {
  /** The name of the service. Default: `unknown_service`. */
  readonly service?: string | undefined;
  /** The version of the service. */
  readonly version?: string | undefined;
  /** The registry of all metrics. Default: the default registry. */
  readonly registry?: Registry | undefined;
  /** Selects the traces to record. Default: as the caller decided, else all. */
  readonly sampler?: Sampler | undefined;
  /**
   * The OTLP/HTTP collector that receives the spans: its address, or options
   * with the address. Default: spans are not exported.
   */
  readonly collector?: string | CollectorOptions | undefined;
  /** The number of events that the bus keeps. Default, also for 0: 1000. */
  readonly events?: number | undefined;
  /** Decides who may read the endpoints. Default: everyone. */
  readonly authorize?: Authorize | undefined;
  /** The web origins that may read events. Default: `same`. */
  readonly origins?: Origins | undefined;
  /** Removes from events what clients must not see. */
  readonly redact?: Redact<TelemetryEvents> | undefined;
  /** The clock of all parts. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers of all parts. Default: those of the runtime. */
  readonly timers?: Timers | undefined;
}

/** Options of `observe`. */
export interface ObserveOptions
  extends Omit<InstrumentOptions, "registry" | "tracer" | "clock"> {
  /** The path of the metrics, or false for none. Default: `/metrics`. */
  readonly metrics?: string | false | undefined;
  /**
   * The path of the events, such as `/events`. Default: none, because events
   * contain request paths; set `authorize` before you serve them.
   */
  readonly events?: string | false | undefined;
}

/** Metrics, traces and events of one service. */
export interface Telemetry extends AsyncDisposable {
  /** Declares metrics. */
  readonly registry: Registry;
  /** Publishes events, and lets you subscribe to them. */
  readonly bus: Bus<TelemetryEvents>;
  /** Starts spans. */
  readonly tracer: Tracer;
  /** The endpoints, to be mounted by hand. */
  readonly endpoints: {
    /** Serves the registry. */
    readonly metrics: Handler;
    /** Serves the bus. */
    readonly events: EventsHandler;
  };
  /**
   * Wraps a handler: metrics, a span, exemplars and events for each request,
   * and the endpoints in front of it. See `instrumentHandler`.
   */
  observe<
    This,
    Asked extends Request,
    Rest extends readonly unknown[],
    Result extends Answer | Promise<Answer>,
  >(
    handler: (this: This, request: Asked, ...rest: Rest) => Result,
    options?: ObserveOptions,
  ): (this: This, request: Asked, ...rest: Rest) => Result | Promise<Response>;
  /** Returns a `fetch` that is measured and traced: see `instrumentFetch`. */
  fetch(
    options?: Omit<InstrumentFetchOptions, "registry" | "tracer">,
  ): Fetch;
  /**
   * Ends event streams and subscriptions, exports the waiting spans for at most
   * `seconds` (5), and removes its metrics from the registry. Only the first
   * call does so; later ones return its promise. Close the telemetry before the
   * server, which waits for open event streams.
   *
   * Resolves to false if the collector did not take all spans in time.
   */
  close(seconds?: number): Promise<boolean>;
}
