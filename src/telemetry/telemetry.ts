/**
 * A telemetry connects registry, bus, tracer, exporter and endpoints of one
 * service.
 *
 * - No timer starts before it is needed. No timer, stream or subscription
 *   outlives disposal.
 * - An unreachable collector neither delays nor fails a request.
 */

import {
  CLOCK,
  disposeAll,
  fn,
  makeAll,
  METRIC_NAMES,
  ofType,
  readOptions,
  rule,
  type SchemaOf,
  text,
  TIMERS,
  withFallbacks,
} from "../base/internal.ts";
import { exposeExporter } from "../bridge/mod.ts";
import type { Authorize, Origins, Redact } from "../http/mod.ts";
import { HOSTS } from "../http/internal.ts";
import { instrumentFetch } from "../instrument/mod.ts";
import { FETCH_OPTIONS } from "../instrument/internal.ts";
import { defaultRegistry, type Registry } from "../metrics/mod.ts";
import {
  type Attributes,
  type Sampler,
  w3cBaggage,
  w3cTraceContext,
} from "../trace/mod.ts";
import { quietListener } from "../trace/internal.ts";
import type {
  CollectorOptions,
  Telemetry,
  TelemetryEvents,
  TelemetryOptions,
} from "./api.ts";
import { collectorsOf } from "./collector.ts";
import { printSpan } from "./console.ts";
import {
  ENVIRONMENT,
  environmentOf,
  identityOf,
  isPrinted,
  mayStartExporters,
  UNKNOWN_SERVICE,
} from "./environment.ts";
import { enterFleet, FLEET } from "./fleet.ts";
import { exposeRuntime, RUNTIME } from "./runtime.ts";
import { type Logging, startLogging } from "./log.ts";
import { observedRoutes } from "./observed_routes.ts";
import type { RoutesOptions } from "./routes.ts";
import { sharedPusher } from "./shared_pusher.ts";
import { startTracing } from "./tracing.ts";
import { OBSERVE_OPTIONS, wire } from "./wire.ts";

const ACTION = "Cannot create a telemetry";

/** Rules of `TelemetryOptions`. */
export const TELEMETRY_OPTIONS = {
  service: text("shop", ""),
  version: text("1.2.0"),
  registry: ofType<Registry>(
    ["object"],
    "a registry, such as createRegistry()",
  ),
  resource: ofType<Attributes>(
    ["object"],
    'attributes, such as { "deployment.environment.name": "test" }',
    {},
  ),
  sampler: fn<Sampler>("parentBased(ratio(0.1))"),
  propagators: FETCH_OPTIONS.propagators,
  names: METRIC_NAMES,
  collector: ofType<string | CollectorOptions>(
    ["string", "object"],
    'an address, such as "http://localhost:4318", or { endpoint, … }',
  ),
  environment: ENVIRONMENT,
  events: rule<number>(
    (value) => Number.isSafeInteger(value) && value as number >= 0,
    "a whole number, such as 1000",
  ),
  authorize: fn<Authorize>("(request) => true"),
  origins: ofType<Origins>(
    ["string", "array", "function"],
    '"same", "any", a function or a list, such as ["https://status.example"]',
  ),
  hosts: HOSTS,
  redact: fn<Redact<TelemetryEvents>>("(event) => event"),
  runtime: RUNTIME,
  fleet: FLEET,
  clock: CLOCK,
  timers: TIMERS,
} satisfies SchemaOf<TelemetryOptions>;

/** Publishes no spans: none are recorded then. */
function publishNothing(): Disposable {
  return { [Symbol.dispose]: () => {} };
}

/** Rules of the options of `fetch`: the telemetry sets registry and tracer. */
const {
  registry: _registry,
  tracer: _tracer,
  ...FETCH_RULES
} = FETCH_OPTIONS;

/**
 * Sets up metrics, traces and events of a service.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph";
 *
 * const telemetry = createTelemetry({ service: "shop" });
 * const handler = telemetry.observe(() => new Response("thank you"), {
 *   route: "/",
 *   events: "/events",
 * });
 * await handler(new Request("http://localhost/"));
 * console.log(telemetry.bus.stats().published);
 * await telemetry.close(); // at the end of the program
 * ```
 *
 * @throws {TypeError | RangeError} If an option is wrong or unknown.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const read = readOptions(ACTION, TELEMETRY_OPTIONS, options);
  const environment = environmentOf(read.environment);
  const { registry = defaultRegistry(), clock, timers } = read;
  const { service, version, resource } = identityOf(read, environment);
  const facts = {
    ...service !== "" && { service },
    ...version !== undefined && { version },
  };
  const { propagators = environment.propagators, names } = read;
  const { knownMethods } = environment;
  const defaults = { propagators, names, knownMethods };
  const collectors = collectorsOf(ACTION, read.collector, environment, {
    resource,
    clock,
    timers,
  }, mayStartExporters);
  const tracing = startTracing({
    name: service || UNKNOWN_SERVICE,
    version,
    sampler: read.sampler ?? environment.sampler,
    limits: environment.limits,
    clock,
  }, collectors.spans);
  const { tracer, exporter } = tracing;
  const wiring = wire(registry, tracer, {
    service,
    version,
    capacity: read.events,
    authorize: read.authorize,
    origins: read.origins,
    hosts: read.hosts,
    redact: read.redact,
    clock,
    timers,
    rules: withFallbacks(OBSERVE_OPTIONS, {
      native: environment.isNative,
      ...defaults,
    }),
    ...environment.isDisabled && { publish: publishNothing },
    ...!environment.hasExemplars && { exemplars: () => undefined },
  });
  const { runtime, fleet } = read;
  const runtimeDefaults = { facts, clock, timers, names };
  /** All exporters, which end together. */
  const exporters: { shutdown(seconds?: number): Promise<boolean> }[] = [
    tracing,
  ];
  let logging: Logging;
  let exposed: Disposable[];
  try {
    logging = startLogging(wiring.bus, {
      clock,
      collector: collectors.logs,
      prints: isPrinted(environment, "logs"),
    });
    const { exporter: logs } = logging;
    if (logs !== undefined) exporters.push(logs);
    exposed = makeAll([
      ...exporter ? [() => exposeExporter(registry, exporter)] : [],
      ...logs ? [() => exposeExporter(registry, logs, "logs")] : [],
      ...isPrinted(environment, "spans")
        ? [() => tracer.onEnd(quietListener(printSpan))]
        : [],
      ...runtime === false
        ? []
        : [() => exposeRuntime(registry, runtime, runtimeDefaults)],
      ...fleet === false
        ? []
        : [() => enterFleet(registry, fleet, { service, clock, timers })],
      ...collectors.metrics === undefined ? [] : [() => {
        const metrics = sharedPusher(registry, collectors.metrics!);
        exporters.push(metrics);
        return metrics;
      }],
    ]);
  } catch (error) {
    for (const each of exporters) void each.shutdown(0);
    wiring.release();
    throw error;
  }
  let closing: Promise<boolean> | undefined;
  const close = (seconds?: number): Promise<boolean> => {
    return closing ??= (async () => {
      wiring.closeStreams();
      const results = await Promise.all(
        exporters.map((each) => each.shutdown(seconds)),
      );
      wiring.release();
      disposeAll(exposed);
      return results.every(Boolean);
    })();
  };
  return {
    registry,
    bus: wiring.bus,
    tracer,
    propagators: propagators ?? [w3cTraceContext, w3cBaggage],
    resource,
    endpoints: wiring.endpoints,
    observe: wiring.observe,
    observer: wiring.observer,
    routes: (routes: object, options?: RoutesOptions) =>
      observedRoutes(wiring, routes, options) as never,
    fetch: (options = {}) =>
      instrumentFetch({
        ...readOptions(
          "Cannot instrument fetch",
          withFallbacks(FETCH_RULES, defaults),
          options,
        ),
        registry,
        tracer,
      }),
    log: logging.log,
    close,
    [Symbol.asyncDispose]: async () => void await close(),
  };
}
