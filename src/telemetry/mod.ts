/**
 * Sets up metrics, traces and events of one service in one call.
 *
 * ```ts
 * import { createTelemetry } from "@barograph/barograph/telemetry";
 *
 * const telemetry = createTelemetry({ service: "shop" });
 * const handler = telemetry.observe(() => new Response("thank you"));
 * await handler(new Request("http://localhost/"));
 * await telemetry.close(); // at the end of the program
 * ```
 *
 * @module
 */
export type { LogSeverity } from "../base/mod.ts";
export type {
  Endpoint,
  ObservedRequest,
  ObserveOptions,
  Observing,
  RequestObserver,
} from "../instrument/mod.ts";
export type {
  CollectorOptions,
  ProcessObserveOptions,
  Telemetry,
  TelemetryEvents,
  TelemetryOptions,
} from "./api.ts";
export type { FleetMemberOptions } from "./fleet.ts";
export { observe } from "./observe.ts";
export type {
  RouteEntry,
  RouteHandler,
  RouteMethod,
  RouteMethods,
  RouteParam,
  RouteRequest,
  RoutesOptions,
} from "./routes.ts";
export { createTelemetry } from "./telemetry.ts";
export { initTracing, type Tracing, type TracingOptions } from "./tracing.ts";
