/**
 * Barograph: metrics for Deno and Bun in one module with no dependencies.
 *
 * Declare a metric, count, and serve what was counted:
 *
 * ```ts
 * import { counter, metricsHandler } from "@barograph/barograph";
 *
 * const orders = counter({
 *   name: "shop_orders_total",
 *   help: "Orders accepted, by payment method.",
 *   labels: ["payment"],
 * });
 * orders.with({ payment: "card" }).inc();
 *
 * const metrics = metricsHandler(); // a (Request) => Promise<Response>
 * const response = await metrics(new Request("http://localhost/metrics"));
 * console.log(await response.text());
 * ```
 *
 * The parts have subpaths of their own: `./metrics` for libraries, `./model`
 * for authors of collectors and formats, `./encode` for exposition without
 * HTTP, `./http`, `./instrument`, and `./testing` for tests.
 *
 * @module
 */
export {
  type Authorize,
  type Handler,
  metricsHandler,
  type MetricsHandlerOptions,
} from "./src/http/mod.ts";
export {
  type Answer,
  instrumentHandler,
  type InstrumentOptions,
} from "./src/instrument/mod.ts";
export {
  callbackCounter,
  callbackGauge,
  type CallbackOptions,
  type Clock,
  type Counter,
  counter,
  type CounterOptions,
  createRegistry,
  DEFAULT_BUCKETS,
  defaultRegistry,
  type ExemplarLabels,
  exponentialBuckets,
  exponentialRange,
  type Family,
  FamilyConflictError,
  type FamilyOptions,
  type Gauge,
  gauge,
  type GaugeOptions,
  type Histogram,
  histogram,
  type HistogramOptions,
  type Info,
  info,
  type InfoOptions,
  type Instrument,
  type LabelsOf,
  type LabelValue,
  linearBuckets,
  type MergeRule,
  type NameRule,
  type Names,
  type NativeOptions,
  noopRegistry,
  type NoSets,
  type Only,
  type Registry,
  type RegistryOptions,
  type Report,
  type ScopeOptions,
  type SomeLabelsOf,
  type StateSet,
  stateSet,
  type StateSetOptions,
  type Stopwatch,
  stopwatch,
  type Summary,
  summary,
  type SummaryOptions,
  type Timer,
  type ValueLists,
  type ValueOf,
  type ValueSets,
  type ValuesOf,
  type Without,
} from "./src/metrics/mod.ts";
