/**
 * Spans: what a request went through, here and in the services that it calls.
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
export {
  activeBaggage,
  activeContext,
  inject,
  runWith,
  spanFromContext,
  type TraceContext,
  traceContext,
  withBaggage,
} from "./active.ts";
export {
  type Baggage,
  type BaggageEntry,
  formatBaggage,
  NO_BAGGAGE,
  parseBaggage,
} from "./baggage.ts";
export type { OtelSpanContext } from "./foreign.ts";
export type { Random } from "./ids.ts";
export {
  asOtelContextManager,
  asOtelProvider,
  type OtelContext,
  type OtelContextManager,
  type OtelProvider,
  type OtelSpanOptions,
  type OtelTracer,
} from "./otel.ts";
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
export type { Span, SpanLimits } from "./span.ts";
export { formatTraceparent, parseTraceparent } from "./traceparent.ts";
export {
  createTracer,
  record,
  type SpanOptions,
  type SpanStart,
  type Start,
  type Tracer,
  type TracerOptions,
  type TracerStats,
} from "./tracer.ts";
