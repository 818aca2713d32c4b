/** The interfaces of `createTelemetry` and `observe`. */
import type { Clock, LogSeverity, MetricNames, Timers } from "../base/mod.ts";
import type { RequestEvents, ScrapeEvents } from "../bridge/mod.ts";
import type { Bus } from "../bus/mod.ts";
import type { FindingEvents } from "../dashboard/mod.ts";
import type {
  Authorize,
  EventsHandler,
  Handler,
  Hosts,
  Origins,
  Redact,
} from "../http/mod.ts";
import type {
  Answer,
  InstrumentFetchOptions,
  ObserveOptions,
  Observing,
  RequestObserver,
} from "../instrument/mod.ts";
import type { Registry } from "../metrics/mod.ts";
import type { OtlpMetricsOptions, SpanExporterOptions } from "../push/mod.ts";
import type { RuntimeOptions } from "../runtime/mod.ts";
import type { Attributes, Propagator, Sampler, Tracer } from "../trace/mod.ts";
import type { FleetMemberOptions } from "./fleet.ts";
import type { RouteEntry, RoutesOptions } from "./routes.ts";

/** The topics of the bus of a telemetry: requests, scrapes and findings. */
export type TelemetryEvents = RequestEvents & ScrapeEvents & FindingEvents;

/**
 * Options of the exporters of a telemetry, which sets the clock. Default of
 * each option: its environment variable, if there is one.
 */
export interface CollectorOptions
  extends Omit<SpanExporterOptions, "clock" | "endpoint"> {
  /**
   * The address of the collector, as in `spanExporter`. Default: that of the
   * environment variables, or `http://localhost:4318`.
   */
  readonly endpoint?: string | undefined;
  /**
   * The kinds of telemetry that are sent. Default: those whose variable, such as
   * `OTEL_METRICS_EXPORTER`, lists `otlp`; without the variable, spans and logs.
   */
  readonly send?: readonly ("spans" | "metrics" | "logs")[] | undefined;
  /**
   * Options of the metrics that are sent; `interval` is 60 by default.
   * Telemetries with the same registry and address share one exporter: it has
   * the options of the first, and ends with the last.
   */
  readonly metrics?:
    | Pick<OtlpMetricsOptions, "interval" | "temporality" | "names">
    | undefined;
}

/** Options of `createTelemetry`. */
export interface TelemetryOptions {
  /** The name of the service. Default: `OTEL_SERVICE_NAME`, or `unknown_service`. */
  readonly service?: string | undefined;
  /**
   * The version of the service. Default: `service.version` in
   * `OTEL_RESOURCE_ATTRIBUTES`, or none.
   */
  readonly version?: string | undefined;
  /**
   * Attributes of the service and its place, such as
   * `{ "deployment.environment.name": "test" }`, for everything that is exported.
   * They take precedence over those of `OTEL_RESOURCE_ATTRIBUTES`.
   */
  readonly resource?: Attributes | undefined;
  /** The registry of all metrics. Default: the default registry. */
  readonly registry?: Registry | undefined;
  /**
   * Selects the traces to record. Default: `OTEL_TRACES_SAMPLER`, or
   * `parentBased(alwaysOn)`, which follows the caller's decision and records all
   * other traces.
   */
  readonly sampler?: Sampler | undefined;
  /**
   * The formats in which `observe` and `fetch` read and write trace context.
   * Default: `OTEL_PROPAGATORS`, or W3C trace context and baggage.
   */
  readonly propagators?: readonly Propagator[] | undefined;
  /**
   * The names of the metrics of requests, calls and runtime; the options of
   * `observe`, `fetch` and `runtime` take precedence. Default: `prometheus`.
   */
  readonly names?: MetricNames | undefined;
  /**
   * The OTLP/HTTP collector that receives spans, logs and, if they are listed in
   * `send`, metrics: its address, or options. An empty address: nothing is
   * exported. Default: that of the environment variables, such as
   * `OTEL_EXPORTER_OTLP_ENDPOINT`; without one, nothing is exported.
   */
  readonly collector?: string | CollectorOptions | undefined;
  /**
   * Whether the environment variables of OpenTelemetry are the defaults of the
   * other options; a function reads a variable by name. Default: true. Deno
   * never prompts for them: without the permission they are unset.
   */
  readonly environment?:
    | boolean
    | ((name: string) => string | undefined)
    | undefined;
  /** Maximum number of events that the bus keeps. Default: 1000, also for 0. */
  readonly events?: number | undefined;
  /** Decides who may read the endpoints. Default: everyone. */
  readonly authorize?: Authorize | undefined;
  /** The web origins that may read events. Default: `same`. */
  readonly origins?: Origins | undefined;
  /**
   * The names by which clients may address the endpoints; others get 403. Set it
   * if the application is bound to a loopback address and everyone may read: see
   * `Hosts`. Default: any.
   */
  readonly hosts?: Hosts | undefined;
  /** Removes sensitive data from events before clients get them. */
  readonly redact?: Redact<TelemetryEvents> | undefined;
  /**
   * The metrics of process, memory, event loop, garbage collector and build:
   * options select and refine them, false leaves them out. `service` and
   * `version` are build facts. Default: all of them; see `runtimeMetrics`.
   */
  readonly runtime?: boolean | RuntimeOptions | undefined;
  /**
   * Whether this isolate or process joins the fleet of its service, and with which
   * options: the metrics endpoint of any member then answers with the sum of all.
   * The service is the option `service`. Default: false. See `joinFleet`.
   */
  readonly fleet?: boolean | FleetMemberOptions | undefined;
  /** The clock of all parts. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers of all parts. Default: the timers of the runtime. */
  readonly timers?: Timers | undefined;
}

/** Options of `observe`. */
export interface ProcessObserveOptions extends ObserveOptions {
  /**
   * The metrics of process, memory, event loop, garbage collector and build of
   * the runtime. All observed handlers share them: false leaves them out unless
   * another handler wants them, and the latest options apply. Default: all of
   * them; see `runtimeMetrics`.
   */
  readonly runtime?: boolean | RuntimeOptions | undefined;
  /**
   * Whether this isolate or process joins the fleet of its service, and with which
   * options; the first ones apply. Default: false. See `joinFleet`.
   */
  readonly fleet?: boolean | FleetMemberOptions | undefined;
}

/** Metrics, traces and events of one service. */
export interface Telemetry extends AsyncDisposable, Observing {
  /** Declares metrics. */
  readonly registry: Registry;
  /** Publishes requests, failed scrapes and `log` as events. */
  readonly bus: Bus<TelemetryEvents>;
  /** Starts spans. */
  readonly tracer: Tracer;
  /**
   * The formats of trace context, from the option or `OTEL_PROPAGATORS`:
   * `asPropagator(telemetry.propagators)` gives them to libraries.
   */
  readonly propagators: readonly Propagator[];
  /**
   * The attributes of everything that is exported, from options and variables:
   * `asMeterProvider(registry, { resource: telemetry.resource })` exposes them.
   */
  readonly resource: Attributes;
  /** Handlers for your own router; `observe` mounts them by path. */
  readonly endpoints: {
    /** Serves the registry. */
    readonly metrics: Handler;
    /** Serves the bus. */
    readonly events: EventsHandler;
  };
  /**
   * Wraps a handler: records metrics, a span, exemplars and events for each
   * request, and serves the endpoints in front of the handler. See
   * `instrumentHandler`.
   */
  observe<
    This,
    Incoming extends Request,
    Rest extends readonly unknown[],
    Result extends Answer | Promise<Answer>,
  >(
    handler: (this: This, request: Incoming, ...rest: Rest) => Result,
    options?: ObserveOptions,
  ): (
    this: This,
    request: Incoming,
    ...rest: Rest
  ) => Result | Promise<Response>;
  /**
   * Returns an observer of requests that no fetch-style handler answers. Adapters
   * of frameworks use it; with it, you can write one.
   */
  observer(options?: ObserveOptions): RequestObserver;
  /**
   * Observes the routes of `Bun.serve`, each with its path as the template, and
   * adds `/metrics` to them. Static responses are counted, too, so Bun no longer
   * answers conditional requests for them. Put entries that Bun itself must
   * answer, such as HTML bundles, beside the result: `{ ...routes, "/": page }`.
   *
   * ```ts ignore
   * Bun.serve({
   *   routes: telemetry.routes({
   *     "/users/:id": ({ params }) => new Response(params.id),
   *     "/health": new Response("ok"),
   *   }),
   * });
   * ```
   */
  routes<Path extends string>(
    routes: { readonly [P in Path]: RouteEntry<P, Response> },
    options?: RoutesOptions,
  ): { [P in Path]: RouteEntry<P, Response> };
  /** Observes routes that may upgrade a connection, and then return nothing. */
  routes<Path extends string>(
    routes: { readonly [P in Path]: RouteEntry<P, Answer> },
    options?: RoutesOptions,
  ): { [P in Path]: RouteEntry<P, Answer> };
  /** Returns a `fetch` that counts, times and traces: see `instrumentFetch`. */
  fetch(
    options?: Omit<InstrumentFetchOptions, "registry" | "tracer">,
  ): typeof globalThis.fetch;
  /**
   * Logs an event: publishes it as `log` on the bus, with the ids of the active
   * span, and exports it if there is a collector for logs. Bounded copies of the
   * fields are taken at once; see `LogRecord`. Never throws.
   *
   * ```ts
   * import { createTelemetry } from "@barograph/barograph";
   *
   * const telemetry = createTelemetry({ service: "shop" });
   * telemetry.log("error", "payment failed", { order: 7, error: new Error("x") });
   * await telemetry.close();
   * ```
   */
  log(
    severity: LogSeverity,
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
  /**
   * Ends event streams and subscriptions, exports waiting data for at most
   * `seconds` (default: 5), and removes the self-metrics of the telemetry from
   * the registry. The last telemetry of a registry also removes the runtime
   * metrics, publishes to its fleet and leaves it. Later calls return the
   * promise of the first.
   *
   * Close the telemetry before the server, which waits for open event streams.
   * A module that exports its handler need not close it, and must not declare it
   * with `await using`, which closes it once the module has been evaluated.
   *
   * Resolves to false if something was lost or not exported in time.
   */
  close(seconds?: number): Promise<boolean>;
}
