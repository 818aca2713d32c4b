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
export { b3, b3multi } from "./b3.ts";
export {
  type Baggage,
  type BaggageEntry,
  formatBaggage,
  NO_BAGGAGE,
  parseBaggage,
} from "./baggage.ts";
export type { Random } from "./ids.ts";
export type { OtelSpanContext, OtelTraceState } from "./otel_context.ts";
export type { OtelContext } from "./otel_values.ts";
export {
  extract,
  type HeaderGetter,
  type HeaderSetter,
  type Propagator,
  type Remote,
} from "./propagate.ts";
export { w3cBaggage, w3cTraceContext } from "./propagators.ts";
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
