/**
 * OpenTelemetry's API: libraries that are instrumented with it create spans of
 * this module, record into its registries, and send and receive its contexts.
 *
 * The API is not imported. The adapters have the shapes that it expects; register
 * them with your own copy of it, before anything else uses the API.
 *
 * ```ts
 * import { context, metrics, propagation, trace } from "@opentelemetry/api";
 * import { defaultRegistry } from "@barograph/barograph/metrics";
 * import {
 *   asMeterProvider,
 *   asOtelContextManager,
 *   asOtelProvider,
 *   asPropagator,
 * } from "@barograph/barograph/otel";
 * import { createTracer } from "@barograph/barograph/trace";
 *
 * const tracer = createTracer({ name: "shop" });
 * trace.setGlobalTracerProvider(asOtelProvider(tracer));
 * context.setGlobalContextManager(asOtelContextManager());
 * propagation.setGlobalPropagator(asPropagator());
 * metrics.setGlobalMeterProvider(asMeterProvider(defaultRegistry()));
 * ```
 *
 * @module
 */
export type { BareRegistry } from "../metrics/mod.ts";
export type { OtelTranslation } from "../model/mod.ts";
export type {
  Attributes,
  AttributeValue,
  Baggage,
  BaggageEntry,
  HeaderGetter,
  HeaderSetter,
  OtelContext,
  OtelSpanContext,
  OtelTraceState,
  Propagator,
  Span,
  SpanContext,
  SpanKind,
  SpanOptions,
  SpanStart,
  Start,
  Tracer,
} from "../trace/mod.ts";
export {
  asOtelContextManager,
  type OtelContextManager,
} from "./context_manager.ts";
export type {
  OtelAttributes,
  OtelBatchCallback,
  OtelBatchResult,
  OtelCallback,
  OtelCounter,
  OtelMeter,
  OtelMeterProvider,
  OtelMetricOptions,
  OtelObservable,
  OtelObservableResult,
  OtelRecorder,
} from "./meter/api.ts";
export type {
  MeterProviderOptions,
  OtelInstrument,
  OtelInstrumentChanges,
  OtelInstrumentKind,
  OtelMeterScope,
} from "./meter/options.ts";
export { asMeterProvider } from "./meter/provider.ts";
export {
  asPropagator,
  type OtelGetter,
  type OtelPropagator,
  type OtelSetter,
  type PropagatorName,
} from "./propagator.ts";
export {
  asOtelProvider,
  type OtelProvider,
  type OtelSpanOptions,
  type OtelTracer,
} from "./provider.ts";
export type { OtelLink, OtelSpan, OtelStatus, TimeInput } from "./span.ts";
