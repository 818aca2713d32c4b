/**
 * What leaves the process by itself: spans, to a collector that speaks OTLP.
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
export type { Clock } from "../base/mod.ts";
export type {
  ExporterStats,
  SpanExporter,
  SpanExporterOptions,
} from "./exporter_options.ts";
export type { PostFetch } from "./post.ts";
export type { Schedule } from "./schedule.ts";
export { spanExporter } from "./span_exporter.ts";
