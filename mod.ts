/**
 * Barograph: metrics, traces and live events for Deno, Bun, Node and Workers in
 * one module without dependencies.
 *
 * Declare a metric, record it, and serve it:
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
 * `observe(handler)` adds request metrics, spans, exemplars and `/metrics` to
 * any fetch-style handler. `createTelemetry()` does the same with a registry, a
 * bus, a tracer and a collector of your choice.
 *
 * This module exports the functions that applications call, and the types in
 * their signatures. Each part is a module, too:
 *
 * | module | for |
 * | --- | --- |
 * | `./metrics` | libraries that declare metrics |
 * | `./http` | endpoints for metrics, events and health |
 * | `./instrument` | handlers, middleware and `fetch` |
 * | `./trace` | tracers, propagation |
 * | `./otel` | everything that uses the API of OpenTelemetry |
 * | `./bus` | buses for events of your application |
 * | `./telemetry` | everything for one service; tracing alone |
 * | `./bridge` | connections between registry, tracer and bus |
 * | `./push` | exporters of spans, logs and metrics |
 * | `./receiver` | an endpoint that receives metrics over OTLP |
 * | `./logs` | log events of the console, pino and LogTape |
 * | `./recorders` | named functions that record the metrics of one kind of program |
 * | `./recorders/channels`, `./recorders/live-view`, `./recorders/service-platform`, `./recorders/worker-fleet` | ready-made recorders |
 * | `./runtime` | metrics of the process |
 * | `./dashboard` | a live page of metrics, traces and events |
 * | `./dashboard/generate` | Grafana dashboards and Prometheus rules |
 * | `./cli` | the program `barograph`: metrics in the terminal, a linter |
 * | `./server` | a separate server for telemetry |
 * | `./fleet` | one total out of many isolates and processes |
 * | `./frameworks` | adapters of frameworks, such as Hono and Express |
 * | `./workers` | Cloudflare Workers |
 * | `./model`, `./encode` | authors of collectors and formats |
 * | `./testing` | tests |
 *
 * @module
 */
export { metricsHandler } from "./src/http/mod.ts";
export {
  instrumentEvents,
  instrumentFetch,
  instrumentHandler,
} from "./src/instrument/mod.ts";
export {
  callbackCounter,
  callbackGauge,
  counter,
  createRegistry,
  DEFAULT_BUCKETS,
  defaultRegistry,
  exponentialBuckets,
  exponentialRange,
  gauge,
  histogram,
  info,
  linearBuckets,
  noopRegistry,
  stateSet,
  stopwatch,
  summary,
} from "./src/metrics/mod.ts";
export { FamilyConflictError } from "./src/model/mod.ts";
export { createTelemetry, observe } from "./src/telemetry/mod.ts";
export { activeSpan, parentBased, ratio, record } from "./src/trace/mod.ts";

// The types that these functions mention.
export type {
  LogEvent,
  LogSeverity,
  RequestEnd,
  RequestEvents,
  RequestFacts,
  ScrapeEvents,
  TraceIds,
  WorkEvent,
} from "./src/bridge/mod.ts";
export type {
  Bus,
  BusEvent,
  BusStats,
  Gap,
  GapReason,
  SubscribeOptions,
  Subscription,
} from "./src/bus/mod.ts";
export type { Finding, FindingEvents, Rule } from "./src/dashboard/mod.ts";
export type {
  Authorize,
  Cancel,
  Check,
  EventsHandler,
  FormatHandlerOptions,
  Handler,
  Hosts,
  MetricsHandlerOptions,
  MountedPage,
  Origins,
  Page,
  PageParts,
  Redact,
  TimerOptions,
  Timers,
} from "./src/http/mod.ts";
export type {
  Answer,
  Endpoint,
  EventMiddleware,
  Fetch,
  HttpNameOptions,
  InstrumentEventsOptions,
  InstrumentFetchOptions,
  InstrumentOptions,
  MetricNames,
  ObservedRequest,
  ObserveOptions,
  Observing,
  Propagate,
  RequestObserver,
} from "./src/instrument/mod.ts";
export type {
  BareRegistry,
  CallbackOptions,
  ClassicHistogramOwnOptions,
  Clock,
  Counter,
  CounterOptions,
  ExemplarLabels,
  ExemplarSampler,
  ExemplarSource,
  Family,
  FamilyOptions,
  Gauge,
  GaugeOptions,
  Histogram,
  HistogramOptions,
  HistogramOwnOptions,
  Info,
  InfoOptions,
  Instrument,
  InstrumentKind,
  InstrumentPlan,
  KindRule,
  KindRules,
  LabelsOf,
  LabelValue,
  Layout,
  Names,
  NativeOptions,
  NoSets,
  Only,
  Registry,
  RegistryOptions,
  RejectReason,
  Report,
  RowLabels,
  RowStore,
  ScopeOptions,
  Series,
  SomeLabelsOf,
  StateSet,
  StateSetOptions,
  StateSetOwnOptions,
  Stopwatch,
  Summary,
  SummaryOptions,
  SummaryOwnOptions,
  Terms,
  Timer,
  ValueLists,
  ValueOf,
  ValueSets,
  ValuesOf,
  Without,
} from "./src/metrics/mod.ts";
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
  ScrapeObserver,
  ScrapeReport,
  Sink,
  Source,
  SummaryView,
} from "./src/model/mod.ts";
export type {
  ExporterOptions,
  OtlpMetricsOptions,
  PostFetch,
  PushOptions,
  SpanExporterOptions,
} from "./src/push/mod.ts";
export type {
  ActiveKind,
  DelayMonitor,
  DelayStats,
  EventLoopOptions,
  HeapSpace,
  LoopTime,
  MappedMemory,
  ProcessCpu,
  ProcessInfo,
  ProcessMemory,
  RuntimeOptions,
  RuntimePart,
} from "./src/runtime/mod.ts";
export type { FleetOptions } from "./src/fleet/mod.ts";
export type {
  CollectorOptions,
  FleetMemberOptions,
  ProcessObserveOptions,
  RouteEntry,
  RouteHandler,
  RouteMethod,
  RouteMethods,
  RouteParam,
  RouteRequest,
  RoutesOptions,
  Telemetry,
  TelemetryEvents,
  TelemetryOptions,
} from "./src/telemetry/mod.ts";
export type {
  Attributes,
  AttributeValue,
  Baggage,
  BaggageEntry,
  Candidate,
  HeaderGetter,
  HeaderSetter,
  Propagator,
  Sampler,
  Span,
  SpanContext,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanOptions,
  SpanRecord,
  SpanStart,
  SpanStatus,
  Start,
  Tracer,
  TracerStats,
} from "./src/trace/mod.ts";
