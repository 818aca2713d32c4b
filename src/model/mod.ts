/**
 * The types that metrics and formats share, for authors of collectors and
 * formats.
 *
 * A collector is a `Source`: it writes its current values when it is collected.
 *
 * ```ts
 * import { familyDesc, Labels, type Source } from "@barograph/barograph/model";
 *
 * const desc = familyDesc({
 *   name: "queue_depth",
 *   type: "gauge",
 *   help: "Waiting jobs by queue.",
 *   labelNames: ["queue"],
 * });
 *
 * export const queues: Source = {
 *   descs: [desc],
 *   collect(sink) {
 *     if (!sink.family(desc)) return;
 *     sink.number(new Labels(desc.labelNames, ["mail"]), 3, 0);
 *   },
 * };
 * ```
 *
 * @module
 */
export {
  ESCAPING_SCHEMES,
  type EscapingScheme,
  FamilyConflictError,
} from "../base/mod.ts";
export { type DescInit, familyDesc } from "./check_desc.ts";
export type { FamilyDesc, MergeRule, MetricType, NameRule } from "./desc.ts";
export { FilterSink } from "./filter_sink.ts";
export { Labels, type LabelSet } from "./label_set.ts";
export type { OtelTranslation } from "./otel_names.ts";
export type {
  DenseBuckets,
  Exemplar,
  HistogramView,
  NativeView,
  SummaryView,
} from "./points.ts";
export { merge } from "./merge.ts";
export type { RowChanges, Rows } from "./rows.ts";
export type { RevocableSink, Sink } from "./sink.ts";
export type { ScrapeObserver, ScrapeReport, Source } from "./source.ts";
export { capture, type CaptureOptions, replay } from "./snapshot.ts";
export type { FamilySnapshot, Snapshot } from "./snapshot_shape.ts";
