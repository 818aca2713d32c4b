/**
 * Exporters: push metrics, spans and log events.
 *
 * Spans and log events go to an OpenTelemetry collector. Metrics go there
 * (`otlpMetrics`), to remote write (`remoteWrite`), to a Pushgateway
 * (`pushgateway`) or to VictoriaMetrics (`victoriaMetrics`).
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph/metrics";
 * import { otlpMetrics, spanExporter } from "@barograph/barograph/push";
 *
 * const endpoint = "http://localhost:4318";
 * const spans = spanExporter({ endpoint });
 * const metrics = otlpMetrics(createRegistry(), { endpoint });
 * console.log(spans.stats().queued, metrics.stats().queued); // 0 0
 * await spans.shutdown();
 * ```
 *
 * @module
 */
export type {
  Cancel,
  Clock,
  LogSeverity,
  TimerOptions,
  Timers,
} from "../base/mod.ts";
export type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MergeRule,
  MetricType,
  NativeView,
  RowChanges,
  Rows,
  Sink,
  Source,
  SummaryView,
} from "../model/mod.ts";
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
export type { ExporterOptions, PushOptions } from "./exporter_options.ts";
export type { MetricPusher, PushStats } from "./metric_pusher.ts";
export type { PointStats } from "./push_target.ts";
export {
  type GatewayPusher,
  pushgateway,
  type PushgatewayOptions,
} from "./gateway/pushgateway.ts";
export {
  victoriaMetrics,
  type VictoriaMetricsOptions,
} from "./gateway/victoria_metrics.ts";
export type { ItemExporter } from "./otlp/item_exporter.ts";
export {
  type LogExporter,
  logExporter,
  type LogExporterOptions,
} from "./otlp/log_exporter.ts";
export type { LogRecord } from "./otlp/log_record.ts";
export { otlpMetrics } from "./otlp/metrics.ts";
export type { OtlpMetricsOptions } from "./otlp/metrics_options.ts";
export { spanExporter } from "./otlp/span_exporter.ts";
export type { PostFetch } from "./post.ts";
export type {
  SpanExporter,
  SpanExporterOptions,
} from "./otlp/span_exporter_options.ts";
export { type RemoteWriteOptions } from "./remote/options.ts";
export { remoteWrite } from "./remote/remote_write.ts";
export type { HistogramChoice } from "./remote/sink.ts";
