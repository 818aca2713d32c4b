/**
 * Tracing: spans, samplers, and the propagation of contexts between services.
 *
 * ```ts
 * import { createTracer, inject } from "@barograph/barograph/trace";
 *
 * const tracer = createTracer({ name: "shop" });
 * using _ = tracer.onEnd((record) => console.log(record.name));
 * tracer.run("checkout", () => {
 *   const headers = new Headers();
 *   inject(headers); // traceparent: 00-…-…-01
 * });
 * ```
 *
 * @module
 */
export type { Clock } from "../base/mod.ts";
export type { AsyncStorageClass } from "../platform/mod.ts";
export type {
  Span,
  SpanLimits,
  SpanOptions,
  SpanStart,
  Start,
  Tracer,
  TracerOptions,
  TracerStats,
} from "./api.ts";
export {
  activeBaggage,
  activeSpan,
  activeSpanContext,
  inject,
  spanFromContext,
  type TraceContext,
  traceContext,
  useAsyncLocalStorage,
  withBaggage,
  withSpan,
} from "./active.ts";
export {
  type Baggage,
  type BaggageEntry,
  formatBaggage,
  NO_BAGGAGE,
  parseBaggage,
} from "./baggage.ts";
export type { OtelSpanContext } from "./otel_context.ts";
export type { Random } from "./ids.ts";
export {
  asOtelContextManager,
  asOtelProvider,
  type OtelContextManager,
  type OtelProvider,
  type OtelSpanOptions,
  type OtelTracer,
} from "./otel.ts";
export type { OtelContext } from "./otel_values.ts";
export {
  asOtelPropagator,
  type OtelGetter,
  type OtelPropagator,
  type OtelSetter,
} from "./otel_propagator.ts";
export type { OtelLink, OtelSpan, OtelStatus, TimeInput } from "./otel_span.ts";
export {
  extract,
  type HeaderGetter,
  type HeaderSetter,
  type Remote,
} from "./propagate.ts";
export type {
  Attributes,
  AttributeValue,
  SpanContext,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanRecord,
  SpanStatus,
} from "./record.ts";
export {
  alwaysOff,
  alwaysOn,
  type Candidate,
  parentBased,
  ratio,
  type Sampler,
} from "./sampler.ts";
export { formatTraceparent, parseTraceparent } from "./traceparent.ts";
export { createTracer, record } from "./tracer.ts";
