/**
 * Barograph: metrics, traces and live events for Deno and Bun in one module
 * with no dependencies.
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
 * `observe(handler)` does that and more around a whole handler: request
 * metrics, a span of each request, exemplars that lead from the one to the
 * other, and `/metrics`. `createTelemetry()` is the same with everything in
 * your hands.
 *
 * The parts have subpaths of their own: `./metrics` for libraries, `./model`
 * for authors of collectors and formats, `./encode` for exposition without
 * HTTP, `./bus`, `./trace`, `./http`, `./instrument`, `./push`, `./recorders`
 * for whole vocabularies, `./runtime` for metrics of the process, `./server` for
 * a server of its own, and `./testing` for tests.
 *
 * @module
 */
export {
  busFromContext,
  exposeBus,
  exposeExporter,
  exposeTracer,
  type LogEvent,
  type PublishOptions,
  publishScrapes,
  publishSpans,
  type RequestEnd,
  type RequestEvents,
  type RequestFacts,
  type ScrapeEvents,
  spanExemplars,
  type TraceIds,
  type WorkEvent,
} from "./src/bridge/mod.ts";
export {
  type Bus,
  type BusEvent,
  type BusOptions,
  createBus,
  type Gap,
  type SubscribeOptions,
  type Subscription,
} from "./src/bus/mod.ts";
export {
  type Authorize,
  type EventsHandler,
  eventsHandler,
  type EventsHandlerOptions,
  eventSockets,
  type Handler,
  metricsHandler,
  type MetricsHandlerOptions,
  type Origins,
} from "./src/http/mod.ts";
export {
  type Answer,
  type Fetch,
  instrumentEvents,
  type InstrumentEventsOptions,
  instrumentFetch,
  type InstrumentFetchOptions,
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
  type ExemplarSource,
  exponentialBuckets,
  exponentialRange,
  type Family,
  FamilyConflictError,
  type FamilyOptions,
  followExemplars,
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
export {
  type CollectorOptions,
  createTelemetry,
  initTracing,
  observe,
  type ObserveOptions,
  type Telemetry,
  type TelemetryEvents,
  type TelemetryOptions,
  type Tracing,
  type TracingOptions,
} from "./src/telemetry/mod.ts";
export {
  alwaysOff,
  alwaysOn,
  asOtelContextManager,
  asOtelProvider,
  type Attributes,
  createTracer,
  inject,
  parentBased,
  ratio,
  record,
  type Sampler,
  type Span,
  type SpanContext,
  spanFromContext,
  type SpanOptions,
  type SpanRecord,
  type TraceContext,
  traceContext,
  type Tracer,
  type TracerOptions,
  withBaggage,
} from "./src/trace/mod.ts";
