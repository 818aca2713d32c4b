/** The interfaces of `createTelemetry` and `observe`. */
import type { Clock, Timers } from "../base/mod.ts";
import type { RequestEvents, ScrapeEvents } from "../bridge/mod.ts";
import type { Bus } from "../bus/mod.ts";
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
import type { SpanExporterOptions } from "../push/mod.ts";
import type { RuntimeOptions } from "../runtime/mod.ts";
import type { Sampler, Tracer } from "../trace/mod.ts";
import type { FleetMemberOptions } from "./fleet.ts";
import type { RouteEntry, RoutesOptions } from "./routes.ts";

/** The topics of the bus of a telemetry: requests and scrapes. */
export type TelemetryEvents = RequestEvents & ScrapeEvents;

/** Options of the span exporter of a telemetry, which sets the clock. */
export type CollectorOptions = Omit<SpanExporterOptions, "clock">;

/** Options of `createTelemetry`. */
export interface TelemetryOptions {
  /** The name of the service. Default: `unknown_service`. */
  readonly service?: string | undefined;
  /** The version of the service. Default: none. */
  readonly version?: string | undefined;
  /** The registry of all metrics. Default: the default registry. */
  readonly registry?: Registry | undefined;
  /**
   * Selects the traces to record. Default: `parentBased(alwaysOn)`, which follows
   * the caller's decision and records all other traces.
   */
  readonly sampler?: Sampler | undefined;
  /**
   * The OTLP/HTTP collector that receives the spans: its address, or options
   * with the address. Default: spans are not exported.
   */
  readonly collector?: string | CollectorOptions | undefined;
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
   * The metrics of process, memory, event loop, garbage collector and build of the
   * runtime, which all observed handlers share: false leaves them out unless
   * another handler wants them; the last options that are given apply. Default:
   * all of them; see `runtimeMetrics`.
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
  /** Publishes requests and failed scrapes as events. */
  readonly bus: Bus<TelemetryEvents>;
  /** Starts spans. */
  readonly tracer: Tracer;
  /** Handlers for a router of your own; `observe` mounts them by path. */
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
   * Ends event streams and subscriptions, exports the waiting spans for at most
   * `seconds` (default: 5), and removes the self-metrics of the telemetry from
   * the registry. The last telemetry of a registry also removes the runtime
   * metrics, publishes to its fleet and leaves it. Later calls return the promise
   * of the first.
   *
   * Close the telemetry before the server, which waits for open event streams.
   * A module that exports its handler need not close it, and must not declare it
   * with `await using`, which closes it once the module has been evaluated.
   *
   * Resolves to false if some spans were lost or not exported in time.
   */
  close(seconds?: number): Promise<boolean>;
}
