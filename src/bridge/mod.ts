/**
 * Connects metrics, spans and events, whose modules do not import each other.
 * `createTelemetry` sets up all of these connections.
 *
 * ```ts
 * import { publishSpans, type RequestEvents } from "@barograph/barograph/bridge";
 * import { createBus } from "@barograph/barograph/bus";
 * import { createTracer } from "@barograph/barograph/trace";
 *
 * const tracer = createTracer();
 * const bus = createBus<RequestEvents>();
 * using _publishing = publishSpans(tracer, bus, { service: "shop" });
 * tracer.run("GET /pets", () => {}, { kind: "server" });
 * console.log(bus.newest); // 2: request.start, request.end
 * ```
 *
 * @module
 */
export type { LogSeverity } from "../base/mod.ts";
export { spanExemplars } from "./active_exemplars.ts";
export { publishScrapes, type ScrapeEvents } from "./scrape_events.ts";
export {
  exposeBus,
  exposeExporter,
  exposePusher,
  exposeTracer,
} from "./self_metrics.ts";
export {
  busFromContext,
  type LogEvent,
  type PublishOptions,
  publishSpans,
  type RequestEnd,
  type RequestEvents,
  type RequestFacts,
  type TraceIds,
  type WorkEvent,
} from "./span_events.ts";
