/**
 * Everything together: registry, bus, tracer, endpoints, and the wrappers of
 * the user's own code, wired to each other.
 *
 * - Nothing starts before it is used, and nothing outlives its disposal: no
 *   timer, stream or subscription.
 * - A collector that cannot be reached delays and fails nothing.
 */
import type { Clock } from "./base/mod.ts";
import {
  exposeBus,
  exposeExporter,
  exposeTracer,
  publishScrapes,
  publishSpans,
  type RequestEvents,
  type ScrapeEvents,
  spanExemplars,
} from "./bridge/mod.ts";
import { type Bus, createBus } from "./bus/mod.ts";
import {
  type Authorize,
  type EventsHandler,
  eventsHandler,
  type Handler,
  metricsHandler,
  type Origins,
  type Redact,
} from "./http/mod.ts";
import {
  type Answer,
  type Fetch,
  instrumentFetch,
  type InstrumentFetchOptions,
  instrumentHandler,
  type InstrumentOptions,
} from "./instrument/mod.ts";
import {
  defaultRegistry,
  followExemplars,
  type Registry,
} from "./metrics/mod.ts";
import {
  type SpanExporter,
  spanExporter,
  type SpanExporterOptions,
} from "./push/mod.ts";
import {
  createTracer,
  type Random,
  type Sampler,
  type Tracer,
} from "./trace/mod.ts";

/** The topics of a telemetry's bus: those of requests and scrapes. */
export type TelemetryEvents = RequestEvents & ScrapeEvents;

/** How spans are exported, but for what the telemetry knows. */
export type CollectorOptions = Omit<SpanExporterOptions, "clock">;

/** How tracing is set up. */
export interface TracingOptions extends Partial<CollectorOptions> {
  /** The name of the service; `unknown_service` unless given. */
  readonly service?: string;
  /** Its version. */
  readonly version?: string;
  /** Which traces are recorded; as the caller says, else all, unless given. */
  readonly sampler?: Sampler;
  /** Where ids come from, the machine unless given. */
  readonly randomBytes?: Random;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** A tracer whose spans are exported. */
export interface Tracing extends AsyncDisposable {
  /** Makes the spans. */
  readonly tracer: Tracer;
  /** Exports them; undefined if there is no collector. */
  readonly exporter: SpanExporter | undefined;
  /** See `SpanExporter.shutdown`; true at once if there is no collector. */
  shutdown(seconds?: number): Promise<boolean>;
}

/**
 * A tracer that exports to the collector at `endpoint`. Where that is empty,
 * nothing is recorded, and what callers say of their traces is passed on.
 *
 * It does not wait for the collector, nor fail because of it.
 *
 * ```ts
 * import { initTracing } from "@barograph/barograph";
 *
 * await using tracing = initTracing("", { service: "shop" });
 * tracing.tracer.run("checkout", () => {});
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function initTracing(
  endpoint: string,
  options: TracingOptions = {},
): Tracing {
  const { service = "unknown_service", version, sampler, clock } = options;
  const { randomBytes, resource, ...collector } = without(options);
  const tracer = createTracer({
    name: service,
    ...(version !== undefined && { version }),
    ...(sampler !== undefined && { sampler }),
    ...(clock !== undefined && { clock }),
    ...(randomBytes !== undefined && { random: randomBytes }),
  });
  const exporter = endpoint === "" ? undefined : spanExporter({
    ...collector,
    endpoint,
    resource: {
      "service.name": service,
      ...(version !== undefined && { "service.version": version }),
      ...resource,
    },
    ...(clock !== undefined && { clock }),
  });
  const listening = exporter && tracer.onEnd(exporter.export);
  const shutdown = async (seconds?: number): Promise<boolean> => {
    const all = await exporter?.shutdown(seconds) ?? true;
    listening?.[Symbol.dispose]();
    return all;
  };
  return {
    tracer,
    exporter,
    shutdown,
    [Symbol.asyncDispose]: async () => void await shutdown(),
  };
}

/** What is not the exporter's. */
function without(
  options: TracingOptions,
): Partial<CollectorOptions> & Pick<TracingOptions, "randomBytes"> {
  const { service: _s, version: _v, sampler: _p, clock: _c, ...rest } = options;
  return rest;
}

/** How telemetry is set up. */
export interface TelemetryOptions {
  /** The name of the service; `unknown_service` unless given. */
  readonly service?: string;
  /** Its version. */
  readonly version?: string;
  /** Where metrics live; the default registry unless given. */
  readonly registry?: Registry;
  /** Which traces are recorded; as the caller says, else all, unless given. */
  readonly sampler?: Sampler;
  /**
   * Where spans are exported to: the address of a collector that speaks OTLP
   * over HTTP, with options or without; nowhere unless given.
   */
  readonly collector?: string | CollectorOptions;
  /** How many events are kept, 1000 unless given. */
  readonly events?: number;
  /** Who may see the endpoints; everybody unless given. */
  readonly authorize?: Authorize;
  /** Which web pages may read events; those of the same origin unless given. */
  readonly origins?: Origins;
  /** Takes out of events what clients must not see. */
  readonly redact?: Redact<TelemetryEvents>;
  /** Where the time comes from, the machine unless given. */
  readonly clock?: Clock;
}

/** How a handler is observed. */
export interface ObserveOptions
  extends Omit<InstrumentOptions, "registry" | "tracer" | "clock"> {
  /** Where metrics are served; `/metrics` unless given, false for nowhere. */
  readonly metrics?: string | false;
  /**
   * Where events are served, such as `/events`; nowhere unless given, because
   * they tell of paths. Put `authorize` before it.
   */
  readonly events?: string | false;
}

/** Metrics, traces and events of one service. */
export interface Telemetry extends AsyncDisposable {
  /** Where metrics are declared. */
  readonly registry: Registry;
  /** Where events are published and read. */
  readonly bus: Bus<TelemetryEvents>;
  /** Makes spans. */
  readonly tracer: Tracer;
  /** Endpoints to be mounted by hand. */
  readonly endpoints: {
    /** Serves the registry. */
    readonly metrics: Handler;
    /** Serves the bus. */
    readonly events: EventsHandler;
  };
  /**
   * Wraps a handler: metrics, a span, exemplars and events of each request, and
   * the endpoints before it. See `instrumentHandler`.
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
  /** A `fetch` that measures and carries the trace on: see `instrumentFetch`. */
  fetch(
    options?: Omit<InstrumentFetchOptions, "registry" | "tracer">,
  ): Fetch;
  /**
   * Ends feeds and subscriptions, exports what waits for at most `seconds` (5),
   * and lets go of the registry; once. Close it before the server, which waits
   * for open feeds. False if the collector did not take all in time.
   */
  close(seconds?: number): Promise<boolean>;
}

/**
 * Sets up metrics, traces and events of a service.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph";
 *
 * await using telemetry = createTelemetry({ service: "shop" });
 * const handler = telemetry.observe(() => new Response("thank you"), {
 *   route: "/",
 *   events: "/events",
 * });
 * await handler(new Request("http://localhost/"));
 * console.log(telemetry.bus.stats().published);
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const { registry = defaultRegistry(), service = "" } = options;
  const { collector, clock, events: capacity } = options;
  const timed = clock !== undefined && { clock };
  const shared = {
    ...timed,
    ...(options.authorize !== undefined && { authorize: options.authorize }),
  };
  const { endpoint = "", ...export_ } = typeof collector === "string"
    ? { endpoint: collector }
    : collector ?? {};
  const tracing = initTracing(endpoint, {
    ...export_,
    ...timed,
    ...(service !== "" && { service }),
    ...(options.version !== undefined && { version: options.version }),
    ...(options.sampler !== undefined && { sampler: options.sampler }),
  });
  const { tracer, exporter } = tracing;
  const bus = createBus<TelemetryEvents>({
    ...timed,
    ...(capacity !== undefined && { capacity }),
  });
  const joints = [
    publishSpans(tracer, bus as unknown as Bus<RequestEvents>, { service }),
    followExemplars(registry, spanExemplars),
    exposeBus(registry, bus),
    exposeTracer(registry, tracer),
    ...exporter === undefined ? [] : [exposeExporter(registry, exporter)],
  ];
  const endpoints = {
    metrics: metricsHandler(registry, {
      ...shared,
      observer: publishScrapes(bus as unknown as Bus<ScrapeEvents>),
    }),
    events: eventsHandler(bus, {
      ...shared,
      ...(options.origins !== undefined && { origins: options.origins }),
      ...(options.redact !== undefined && { redact: options.redact }),
    }),
  };
  let closing: Promise<boolean> | undefined;
  const close = (seconds?: number): Promise<boolean> => {
    return closing ??= (async () => {
      endpoints.events.close();
      bus.close();
      const all = await tracing.shutdown(seconds);
      for (const joint of joints) joint[Symbol.dispose]();
      return all;
    })();
  };
  return {
    registry,
    bus,
    tracer,
    endpoints,
    observe(handler, { metrics = "/metrics", events = false, ...rest } = {}) {
      const observed = instrumentHandler(handler, {
        registry,
        tracer,
        ...timed,
        ...rest,
      });
      return function (request, ...more) {
        if (isAt(request.url, metrics)) return endpoints.metrics(request);
        if (isAt(request.url, events)) {
          return endpoints.events(request, more[0]);
        }
        return observed.call(this, request, ...more);
      };
    },
    fetch: (given = {}) => instrumentFetch({ ...given, registry, tracer }),
    close,
    [Symbol.asyncDispose]: async () => void await close(),
  };
}

/** Whether the path of `url` is `path`; without the price of a URL object. */
function isAt(url: string, path: string | false): boolean {
  if (path === false) return false;
  const from = url.indexOf("/", url.indexOf("://") + 3);
  if (!url.startsWith(path, from)) return false;
  const next = url[from + path.length];
  return next === undefined || next === "?" || next === "#";
}

const KEY = Symbol.for("barograph.telemetry.1");

/**
 * The telemetry of the process, on the default registry, made at its first use;
 * a second copy of this module and a hot reload find the same one.
 */
export function defaultTelemetry(): Telemetry {
  const shared = globalThis as { [KEY]?: Telemetry };
  return shared[KEY] ??= createTelemetry();
}

/**
 * `Telemetry.observe` on the telemetry of the process: metrics, a span,
 * exemplars and events of each request, and `GET /metrics` before the handler.
 *
 * ```ts
 * import { observe } from "@barograph/barograph";
 *
 * const handler = observe(() => new Response("hello"), { route: "/" });
 * await handler(new Request("http://localhost/"));
 * ```
 */
export function observe<
  This,
  Asked extends Request,
  Rest extends readonly unknown[],
  Result extends Answer | Promise<Answer>,
>(
  handler: (this: This, request: Asked, ...rest: Rest) => Result,
  options?: ObserveOptions,
): (this: This, request: Asked, ...rest: Rest) => Result | Promise<Response> {
  return defaultTelemetry().observe(handler, options);
}
