/**
 * Connects a registry and a tracer with a new bus and new endpoints.
 *
 * Imports neither the exporter nor `instrumentFetch`: `observe` uses none of
 * them, and its bundle should not contain them.
 */
import type { Clock, Timers } from "../base/mod.ts";
import {
  disposeAll,
  isAtPath,
  isUnderPath,
  makeAll,
  type OptionRule,
  readOptions,
  rule,
  type SchemaOf,
  withMethods,
} from "../base/internal.ts";
import {
  exposeBus,
  exposeTracer,
  publishScrapes,
  publishSpans,
  type RequestEvents,
  type ScrapeEvents,
  spanExemplars,
} from "../bridge/mod.ts";
import { type Bus, createBus } from "../bus/mod.ts";
import {
  eventsHandler,
  metricsHandler,
  type MountedPage,
  type Page,
} from "../http/mod.ts";
import type {
  Endpoint,
  ObserveOptions,
  RequestObserver,
} from "../instrument/mod.ts";
import {
  checkHandler,
  HANDLER_OPTIONS,
  recorded,
  requestBeginner,
  RequestRecorder,
  RequestsInFlight,
} from "../instrument/internal.ts";
import {
  type BareRegistry,
  type ExemplarSource,
  followExemplars,
} from "../metrics/mod.ts";
import type { Tracer } from "../trace/mod.ts";
import type { RuntimeOptions } from "../runtime/mod.ts";
import type {
  ProcessObserveOptions,
  Telemetry,
  TelemetryEvents,
  TelemetryOptions,
} from "./api.ts";
import { FLEET, type FleetMemberOptions } from "./fleet.ts";
import { RUNTIME } from "./runtime.ts";

/** The parts that `wire` creates. */
export interface Wiring
  extends Pick<Telemetry, "bus" | "endpoints" | "observe" | "observer"> {
  /** Returns a page over the parts; mounts it at its first use. */
  mounted(page: Page): MountedPage;
  /** Ends feeds, event streams and subscriptions. */
  closeStreams(): void;
  /** Unmounts the pages, disconnects the parts, and removes their self-metrics from the registry. */
  release(): void;
}

/** The options of a handler that concern its whole process. */
export interface ProcessOptions {
  readonly runtime: boolean | RuntimeOptions;
  readonly fleet: boolean | FleetMemberOptions;
}

/** Options of `wire`. */
export interface WireOptions
  extends Pick<TelemetryOptions, "authorize" | "hosts" | "origins" | "redact"> {
  /** The name of the service in events; "" for none. */
  readonly service: string;
  /** The version of the service, for its page. */
  readonly version?: string | undefined;
  /** Maximum number of events that the bus keeps. Default: as in `createBus`. */
  readonly capacity?: number | undefined;
  /** The clock of all parts. */
  readonly clock: Clock;
  /** The timers of all parts. */
  readonly timers: Timers;
  /** Rules of the options of handlers. */
  readonly rules: SchemaOf<ObserveOptions>;
  /** Makes events of spans. Default: `publishSpans`. */
  readonly publish?: typeof publishSpans;
  /** Returns the exemplar of an observation. Default: `spanExemplars`. */
  readonly exemplars?: ExemplarSource;
  /** Called with the options of the process, for which there must be `rules`. */
  readonly onProcess?: (options: ProcessOptions) => void;
}

/** Rule of an endpoint's path; false stands for no endpoint. */
function path(example: string, fallback: string | false): OptionRule<
  string | false
> {
  return rule<string | false>(
    (value) =>
      value === false || typeof value === "string" && value.startsWith("/"),
    `a path, such as "${example}", or false`,
    fallback,
  );
}

/** Rules of a handler's options: the wiring sets registry, tracer and clock. */
const {
  registry: _registry,
  tracer: _tracer,
  clock: _clock,
  ...HANDLER_RULES
} = HANDLER_OPTIONS;

/** Rules of `ObserveOptions`. */
export const OBSERVE_OPTIONS = {
  ...HANDLER_RULES,
  metrics: path("/metrics", "/metrics"),
  events: path("/events", false),
  dashboard: withMethods<Page>(
    ["mount"],
    'a page, such as dashboard("/_barograph") of "@barograph/barograph/dashboard"',
  ),
} satisfies SchemaOf<ObserveOptions>;

/** Rules of `ProcessObserveOptions`. */
export const PROCESS_OBSERVE_OPTIONS = {
  ...OBSERVE_OPTIONS,
  runtime: RUNTIME,
  fleet: FLEET,
} satisfies SchemaOf<ProcessObserveOptions>;

/** Connects `registry` and `tracer` with a new bus and new endpoints. */
export function wire(
  registry: BareRegistry,
  tracer: Tracer,
  {
    service,
    version,
    capacity,
    authorize,
    hosts,
    origins,
    redact,
    clock,
    timers,
    rules,
    publish = publishSpans,
    exemplars = spanExemplars,
    onProcess,
  }: WireOptions,
): Wiring {
  const bus = createBus<TelemetryEvents>({ clock, capacity });
  const shared = { authorize, hosts, clock, timers };
  const endpoints = {
    metrics: metricsHandler(registry, {
      ...shared,
      observer: publishScrapes(bus as unknown as Bus<ScrapeEvents>),
    }),
    events: eventsHandler(bus, { ...shared, origins, redact }),
  };
  // Last, because the options of the endpoints may be wrong: after an error
  // nothing may stay connected.
  const connections = makeAll([
    () => publish(tracer, bus as unknown as Bus<RequestEvents>, { service }),
    () => exposeBus(registry, bus),
    () => exposeTracer(registry, tracer),
    () => followExemplars(registry, exemplars),
  ]);
  const inFlight = new RequestsInFlight();
  const pages = new Map<Page, MountedPage>();
  const mounted = (page: Page): MountedPage => {
    const existing = pages.get(page);
    if (existing !== undefined) return existing;
    const parts = {
      ...shared,
      registry,
      tracer,
      bus,
      service,
      version,
      redact,
    };
    const added = page.mount(parts);
    pages.set(page, added);
    added.announce();
    return added;
  };
  /** Reads the options of a handler or of an adapter. */
  const opened = (
    action: string,
    options: ObserveOptions,
  ): Pick<RequestObserver, "endpointAt"> & { recorder: RequestRecorder } => {
    const { metrics, events, dashboard, runtime, fleet, ...rest } = readOptions(
      action,
      rules as typeof PROCESS_OBSERVE_OPTIONS,
      options,
    );
    const recorder = new RequestRecorder({ ...rest, registry, tracer, clock });
    onProcess?.({ runtime, fleet });
    const page = dashboard && mounted(dashboard);
    return {
      recorder,
      endpointAt(url): Endpoint | undefined {
        if (metrics !== false && isAtPath(url, metrics)) {
          return endpoints.metrics;
        }
        if (events !== false && isAtPath(url, events)) return endpoints.events;
        if (page && isUnderPath(url, dashboard.path)) return page.handler;
        return undefined;
      },
    };
  };
  return {
    bus,
    endpoints,
    mounted,
    observe(handler, options = {}) {
      checkHandler(handler);
      const { recorder, endpointAt } = opened(
        "Cannot observe a handler",
        options,
      );
      const observed = recorded(handler, recorder, inFlight);
      return function (request, ...rest) {
        const endpoint = endpointAt(request.url);
        return endpoint === undefined
          ? observed.call(this, request, ...rest)
          : endpoint(request, rest[0]) as Promise<Response>;
      };
    },
    observer(options = {}) {
      const { recorder, endpointAt } = opened(
        "Cannot observe requests",
        options,
      );
      return { endpointAt, begin: requestBeginner(recorder, inFlight) };
    },
    closeStreams(): void {
      endpoints.events.close();
      for (const page of pages.values()) page.close();
      bus.close();
    },
    release(): void {
      disposeAll([...pages.values(), ...connections]);
    },
  };
}
