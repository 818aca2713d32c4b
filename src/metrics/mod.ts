/**
 * The engine: registries and instruments, without any format.
 *
 * For libraries that take a registry, and for whoever wants one of their own.
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
 * const mail = jobs.bind({ queue: "mail" }); // one label fixed, one open
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
  DEFAULT_BUCKETS,
  exponentialBuckets,
  exponentialRange,
  linearBuckets,
} from "./bucket_layout.ts";
export type { MergeRule, NameRule } from "../model/mod.ts";
export type { CallbackOptions, Report } from "./callback.ts";
export type { Counter } from "./counter.ts";
export {
  callbackCounter,
  callbackGauge,
  counter,
  defaultRegistry,
  gauge,
  histogram,
  info,
  stateSet,
  summary,
} from "./default_registry.ts";
export type { ExemplarSource } from "./exemplar_slots.ts";
export type { Gauge } from "./gauge.ts";
export type { Histogram } from "./histogram.ts";
export type { Info } from "./info.ts";
export type {
  ExemplarLabels,
  Family,
  FamilyOptions,
  Instrument,
  LabelsOf,
  LabelValue,
  Names,
  Only,
  SomeLabelsOf,
  ValueLists,
  ValueOf,
  ValueSets,
  ValuesOf,
  Without,
} from "./labels.ts";
export type { NativeOptions } from "./native.ts";
export { noopRegistry } from "./noop.ts";
export {
  type CoreHistogramOptions,
  type CoreRegistry,
  type CoreRegistryOptions,
  type CounterOptions,
  createCoreRegistry,
  type GaugeOptions,
  type NoSets,
} from "./core_registry.ts";
export {
  createRegistry,
  followExemplars,
  type HistogramOptions,
  type InfoOptions,
  type Registry,
  type RegistryOptions,
  type ScopeOptions,
  type StateSetOptions,
  type SummaryOptions,
} from "./registry.ts";
export type { StateSet } from "./stateset.ts";
export type { Summary } from "./summary.ts";
export type { Timer } from "./track.ts";
