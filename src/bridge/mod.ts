/** Connections between metrics, spans and events, which are independent of each other. */
export { spanExemplars } from "./active_exemplars.ts";
export { publishScrapes, type ScrapeEvents } from "./scrape_events.ts";
export { exposeBus, exposeExporter, exposeTracer } from "./self_metrics.ts";
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
