/**
 * The engine: registries and instruments, without any format.
 *
 * For libraries that take a registry, and for programs that create their own.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph/metrics";
 *
 * const registry = createRegistry();
 * const jobs = registry.counter({
 *   name: "worker_jobs_total",
 *   help: "Jobs done, by queue and outcome.",
 *   labels: ["queue", "outcome"],
 *   values: { outcome: ["done", "failed"] },
 * });
 * jobs.with({ queue: "mail", outcome: "done" }).inc();
 * const mail = jobs.bind({ queue: "mail" }); // one label bound, one open
 * mail.at("failed").inc();
 * ```
 *
 * @module
 */
export {
  type Clock,
  FamilyConflictError,
  type Stopwatch,
  stopwatch,
  systemClock,
} from "../base/mod.ts";
export {
  type BareRegistry,
  createBareRegistry,
  type RegistryOptions,
  type ScopeOptions,
} from "./bare_registry.ts";
export {
  DEFAULT_BUCKETS,
  exponentialBuckets,
  exponentialRange,
  linearBuckets,
} from "./buckets.ts";
export type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MergeRule,
  MetricType,
  NameRule,
  NativeView,
  RowChanges,
  Rows,
  Sink,
  Source,
  SummaryView,
} from "../model/mod.ts";
export {
  callbackCounter,
  callbackGauge,
  type CallbackOptions,
  type Report,
} from "./callback.ts";
export {
  type Counter,
  counter,
  type CounterOptions,
  counters,
} from "./counter.ts";
export type { RejectReason } from "./diagnostics.ts";
export type { ExemplarSampler, ExemplarSource } from "./exemplars.ts";
export { followExemplars } from "./follow_exemplars.ts";
export { type Gauge, gauge, type GaugeOptions, gauges } from "./gauge.ts";
export {
  type ClassicHistogramOptions,
  type ClassicHistogramOwnOptions,
  classicHistograms,
  type Histogram,
  histogram,
  type HistogramOptions,
  type HistogramOwnOptions,
  histograms,
} from "./histogram.ts";
export { type Info, info, type InfoOptions } from "./info.ts";
export type {
  InstrumentKind,
  InstrumentPlan,
  KindRule,
  KindRules,
  Terms,
} from "./kind.ts";
export type {
  ExemplarLabels,
  Family,
  FamilyOptions,
  Instrument,
  LabelsOf,
  LabelValue,
  Names,
  NoSets,
  Only,
  SomeLabelsOf,
  ValueLists,
  ValueOf,
  ValueSets,
  ValuesOf,
  Without,
} from "./labels.ts";
export type { NativeOptions } from "./native_buckets.ts";
export { noopRegistry } from "./noop.ts";
export { createRegistry, defaultRegistry, type Registry } from "./registry.ts";
export {
  add,
  type Layout,
  mark,
  type RowLabels,
  type RowStore,
  Series,
} from "./series.ts";
export {
  type StateSet,
  stateSet,
  type StateSetOptions,
  type StateSetOwnOptions,
  stateSets,
} from "./state_set.ts";
export {
  summaries,
  type Summary,
  summary,
  type SummaryOptions,
  type SummaryOwnOptions,
} from "./summary.ts";
export type { Timer } from "./timer.ts";
