/**
 * Spans that other tracers have made active through OpenTelemetry's API.
 *
 * - The API is not imported. Its global is looked up at each use, because it
 *   appears only when a tracer or a context manager registers.
 * - The global is never written: only the API can check the version of a writer.
 */
import type { SpanContext } from "./record.ts";
import { isSpanId, isTraceId } from "./traceparent.ts";

/** The global of OpenTelemetry's API, version 1. */
const API = Symbol.for("opentelemetry.js.api.1");

/** The key of the active span in an OpenTelemetry context. */
export const SPAN_KEY: symbol = Symbol.for("OpenTelemetry Context Key SPAN");

/** Key of the adapted span: marks adapters of our spans to that API. */
export const OURS: unique symbol = Symbol.for("barograph.span.1") as never;

/** The `SpanContext` of OpenTelemetry's API. */
export interface OtelSpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0 is set if the span is sampled. */
  readonly traceFlags: number;
  /** The W3C `tracestate` of the trace. */
  readonly traceState?: { serialize(): string };
  /** Whether the span belongs to another process. */
  readonly isRemote?: boolean;
}

interface Api {
  readonly context?: {
    active?(): { getValue?(key: symbol): unknown } | undefined;
  };
}

/** Returns the active span of another tracer; undefined if there is none. */
export function otelSpanContext(): SpanContext | undefined {
  const api = (globalThis as { [API]?: Api })[API];
  if (api === undefined) return undefined;
  try {
    return contextOfSpan(api.context?.active?.()?.getValue?.(SPAN_KEY));
  } catch {
    return undefined; // a bug of another library must not fail the work
  }
}

/** Returns the identity of another tracer's span; undefined for other values. */
export function contextOfSpan(span: unknown): SpanContext | undefined {
  if (typeof span !== "object" || span === null || OURS in span) {
    return undefined;
  }
  const { spanContext } = span as { spanContext?: () => OtelSpanContext };
  return spanContext === undefined
    ? undefined
    : fromOtel(spanContext.call(span));
}

/** Converts a span context of that API; undefined if it is invalid. */
export function fromOtel(context: OtelSpanContext): SpanContext | undefined {
  const { traceId, spanId, traceFlags, traceState } = context;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  return {
    traceId,
    spanId,
    sampled: (traceFlags & 1) !== 0,
    traceState: traceState?.serialize() ?? "",
  };
}
