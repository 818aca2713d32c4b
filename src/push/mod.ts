/**
 * Exporters: push telemetry to a collector. Spans are sent over OTLP/HTTP.
 *
 * ```ts
 * import { spanExporter } from "@barograph/barograph/push";
 *
 * const exporter = spanExporter({ endpoint: "http://localhost:4318" });
 * console.log(exporter.stats().queued); // 0
 * await exporter.shutdown();
 * ```
 *
 * @module
 */
export type { Cancel, Clock, TimerOptions, Timers } from "../base/mod.ts";
export type {
  Attributes,
  AttributeValue,
  SpanContext,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanRecord,
  SpanStatus,
} from "../trace/mod.ts";
export type { ExporterStats } from "./delivery.ts";
export { spanExporter } from "./otlp_spans.ts";
export type { PostFetch } from "./post.ts";
export type {
  SpanExporter,
  SpanExporterOptions,
} from "./span_exporter_options.ts";
