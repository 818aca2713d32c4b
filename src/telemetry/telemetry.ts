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
  ofType,
  readOptions,
  rule,
  type SchemaOf,
  text,
  TIMERS,
} from "../base/internal.ts";
import { exposeExporter } from "../bridge/mod.ts";
import type { Authorize, Origins, Redact } from "../http/mod.ts";
import { HOSTS } from "../http/internal.ts";
import { instrumentFetch } from "../instrument/mod.ts";
import { FETCH_OPTIONS } from "../instrument/internal.ts";
import { defaultRegistry, type Registry } from "../metrics/mod.ts";
import { SPAN_OPTIONS } from "../push/internal.ts";
import type { Sampler } from "../trace/mod.ts";
import type {
  CollectorOptions,
  Telemetry,
  TelemetryEvents,
  TelemetryOptions,
} from "./api.ts";
import { enterFleet, FLEET } from "./fleet.ts";
import { exposeRuntime, RUNTIME } from "./runtime.ts";
import { observedRoutes } from "./observed_routes.ts";
import type { RoutesOptions } from "./routes.ts";
import { startTracing, UNKNOWN_SERVICE } from "./tracing.ts";
import { wire } from "./wire.ts";

const ACTION = "Cannot create a telemetry";

/** Rules of `TelemetryOptions`. */
export const TELEMETRY_OPTIONS = {
  service: text("shop", ""),
  version: text("1.2.0"),
  registry: ofType<Registry>(
    ["object"],
    "a registry, such as createRegistry()",
  ),
  sampler: fn<Sampler>("parentBased(ratio(0.1))"),
  collector: ofType<string | CollectorOptions>(
    ["string", "object"],
    'an address, such as "http://localhost:4318", or { endpoint, … }',
  ),
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

/** Rules of the options of `collector`: the telemetry sets the clock. */
const { clock: _clock, ...COLLECTOR_RULES } = SPAN_OPTIONS;

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
  const { registry = defaultRegistry(), service, version, sampler } = read;
  const { collector = "", clock, timers } = read;
  const given = typeof collector === "string"
    ? { endpoint: collector }
    : collector;
  const exporting = readOptions(`${ACTION}: collector`, COLLECTOR_RULES, given);
  const tracing = startTracing(
    { name: service || UNKNOWN_SERVICE, version, sampler, clock },
    given.endpoint === ""
      ? undefined
      : { ...exporting, timers: given.timers ?? timers, clock },
  );
  const { tracer, exporter } = tracing;
  const facts = {
    ...service !== "" && { service },
    ...version !== undefined && { version },
  };
  const wiring = wire(registry, tracer, {
    service,
    capacity: read.events,
    authorize: read.authorize,
    origins: read.origins,
    hosts: read.hosts,
    redact: read.redact,
    clock,
    timers,
  });
  const { runtime, fleet } = read;
  let exposed: Disposable[];
  try {
    exposed = makeAll([
      ...exporter ? [() => exposeExporter(registry, exporter)] : [],
      ...runtime === false
        ? []
        : [() => exposeRuntime(registry, runtime, { facts, clock, timers })],
      ...fleet === false
        ? []
        : [() => enterFleet(registry, fleet, { service, clock, timers })],
    ]);
  } catch (error) {
    wiring.release();
    throw error;
  }
  let closing: Promise<boolean> | undefined;
  const close = (seconds?: number): Promise<boolean> => {
    return closing ??= (async () => {
      wiring.closeStreams();
      const isComplete = await tracing.shutdown(seconds);
      wiring.release();
      disposeAll(exposed);
      return isComplete;
    })();
  };
  return {
    registry,
    bus: wiring.bus,
    tracer,
    endpoints: wiring.endpoints,
    observe: wiring.observe,
    observer: wiring.observer,
    routes: (routes: object, options?: RoutesOptions) =>
      observedRoutes(wiring, routes, options) as never,
    fetch: (options = {}) =>
      instrumentFetch({
        ...readOptions("Cannot instrument fetch", FETCH_RULES, options),
        registry,
        tracer,
      }),
    close,
    [Symbol.asyncDispose]: async () => void await close(),
  };
}
