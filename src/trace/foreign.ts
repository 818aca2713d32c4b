/**
 * Spans that other tracers have made active through OpenTelemetry's API.
 *
 * - The API is not imported: its global is looked up at each use, because it
 *   appears when somebody registers with it, and never before.
 * - It is read and never written: its version handshake is its owner's.
 */
import type { SpanContext } from "./record.ts";
import { isSpanId, isTraceId } from "./traceparent.ts";

/** Where OpenTelemetry's API, version 1, keeps what is registered with it. */
const API = Symbol.for("opentelemetry.js.api.1");

/** The key of the active span in a context of that API. */
export const SPAN_KEY: symbol = Symbol.for("OpenTelemetry Context Key SPAN");

/** Marks spans that are ours, seen through that API. */
export const OURS: unique symbol = Symbol.for("barograph.span.1") as never;

/** OpenTelemetry's span context. */
export interface OtelSpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** 1 where it is sampled. */
  readonly traceFlags: number;
  /** What vendors passed along. */
  readonly traceState?: { serialize(): string };
  /** Whether it is of another process. */
  readonly isRemote?: boolean;
}

interface Api {
  readonly context?: {
    active?(): { getValue?(key: symbol): unknown } | undefined;
  };
}

/** The active span of another tracer; undefined if there is none. */
export function foreignContext(): SpanContext | undefined {
  const api = (globalThis as { [API]?: Api })[API];
  if (api === undefined) return undefined;
  try {
    return contextOfSpan(api.context?.active?.()?.getValue?.(SPAN_KEY));
  } catch {
    return undefined; // another's defect must not fail the work
  }
}

/** By what a foreign span is known; undefined if it is ours, or none. */
export function contextOfSpan(span: unknown): SpanContext | undefined {
  if (typeof span !== "object" || span === null || OURS in span) {
    return undefined;
  }
  const { spanContext } = span as { spanContext?: () => OtelSpanContext };
  return spanContext === undefined
    ? undefined
    : fromOtel(spanContext.call(span));
}

/** A span context of that API in our words; undefined if it is invalid. */
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
