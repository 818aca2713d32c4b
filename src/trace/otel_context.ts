/**
 * The context of OpenTelemetry's API: spans that other tracers have made active,
 * and whether tracing is suppressed.
 *
 * - The API is not imported. Its global is looked up at each use, because it
 *   appears only when a tracer or a context manager registers.
 * - The global is never written: only the API can check the version of a writer.
 */
import type { SpanContext } from "./record.ts";
import {
  checkedTraceState,
  fromTraceFlags,
  isSpanId,
  isTraceId,
} from "./traceparent.ts";

/** The global of OpenTelemetry's API, version 1. */
const API = Symbol.for("opentelemetry.js.api.1");

/** The key of the active span in an OpenTelemetry context. */
export const SPAN_KEY: symbol = Symbol.for("OpenTelemetry Context Key SPAN");

/** The key of the baggage in an OpenTelemetry context. */
export const BAGGAGE_KEY: symbol = Symbol.for("OpenTelemetry Baggage Key");

/** The key that `suppressTracing` of OpenTelemetry's SDK sets to true. */
export const SUPPRESS_KEY: symbol = Symbol.for(
  "OpenTelemetry SDK Context Key SUPPRESS_TRACING",
);

/** Key of the adapted span: marks adapters of our spans to that API. */
export const OURS: unique symbol = Symbol.for("barograph.span.1") as never;

/** Key of the context that a caller sent: marks the spans of our propagator. */
export const REMOTE: unique symbol = Symbol.for("barograph.remote.1") as never;

/** Marks our context manager for that API. */
export const OUR_MANAGER: unique symbol = Symbol.for(
  "barograph.contexts.1",
) as never;

/** A `tracestate` in OpenTelemetry's API: immutable. */
export interface OtelTraceState {
  /** Returns the value of a key. */
  get(key: string): string | undefined;
  /** Returns a copy with another member, which comes first. */
  set(key: string, value: string): OtelTraceState;
  /** Returns a copy without a member. */
  unset(key: string): OtelTraceState;
  /** Returns the header. */
  serialize(): string;
}

/** The `SpanContext` of OpenTelemetry's API. */
export interface OtelSpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0 is set if the span is sampled, bit 1 if the trace id is random. */
  readonly traceFlags: number;
  /** The W3C `tracestate` of the trace. */
  readonly traceState?: OtelTraceState;
  /** Whether the span belongs to another process. */
  readonly isRemote?: boolean;
}

interface ContextManager {
  readonly [OUR_MANAGER]?: true;
  active?(): unknown;
}

/** Returns the registered context manager; undefined if there is none. */
function contextManager(): ContextManager | undefined {
  const api = (globalThis as {
    [API]?: { readonly context?: ContextManager | null };
  })[API];
  return api?.context ?? undefined;
}

/** Returns whether any context manager is registered with the API. */
export function hasContextManager(): boolean {
  return contextManager() !== undefined;
}

/** Returns a property of an object; undefined for other values. Never throws. */
export function valueOf(object: unknown, key: string | symbol): unknown {
  if (typeof object !== "object" || object === null) return undefined;
  try {
    return (object as Record<string | symbol, unknown>)[key];
  } catch {
    return undefined; // a bug of another library must not fail the work
  }
}

/** Returns a value of an OpenTelemetry context. Never throws. */
export function valueIn(context: unknown, key: symbol): unknown {
  try {
    return (context as { getValue?(key: symbol): unknown } | undefined)
      ?.getValue?.(key);
  } catch {
    return undefined;
  }
}

/** Returns the active context of a context manager. Never throws. */
function activeOf(manager: ContextManager | undefined): unknown {
  try {
    return manager?.active?.();
  } catch {
    return undefined;
  }
}

/** Returns whether tracing is suppressed in an OpenTelemetry context. */
export function suppressesTracing(context: unknown): boolean {
  return context !== undefined && valueIn(context, SUPPRESS_KEY) === true;
}

/**
 * Returns the active context of another context manager; undefined if there is
 * none. The values of our manager are those of our active context.
 */
export function contextElsewhere(): unknown {
  const manager = contextManager();
  return manager === undefined || manager[OUR_MANAGER] === true
    ? undefined
    : activeOf(manager);
}

/** Returns the active span of another tracer; undefined if there is none. */
export function otelSpanContext(): SpanContext | undefined {
  return contextOfOtelSpan(valueIn(activeOf(contextManager()), SPAN_KEY));
}

/**
 * Returns whether a span of another tracer in this process is active. The
 * context of a caller, as a propagator extracts it, is no such span, nor is a
 * span that has ended: Bun runs each request in the context in which the server
 * was started.
 */
export function isTracedElsewhere(): boolean {
  const span = valueIn(activeOf(contextManager()), SPAN_KEY);
  return contextOfOtelSpan(span) !== undefined && !isRemote(span) &&
    valueOf(span, "ended") !== true;
}

function isRemote(span: unknown): boolean {
  try {
    const { isRemote } = (span as { spanContext(): OtelSpanContext })
      .spanContext();
    return isRemote === true;
  } catch {
    return false;
  }
}

/**
 * Returns the identity of another tracer's span; undefined for other values.
 * Never throws.
 */
export function contextOfOtelSpan(span: unknown): SpanContext | undefined {
  if (typeof span !== "object" || span === null) return undefined;
  try {
    if (OURS in span) return undefined;
    const { [REMOTE]: remote, spanContext } = span as {
      readonly [REMOTE]?: SpanContext;
      spanContext?: () => OtelSpanContext;
    };
    if (remote !== undefined) return remote;
    return spanContext === undefined
      ? undefined
      : fromOtel(spanContext.call(span));
  } catch {
    return undefined;
  }
}

/** Converts a span context of that API; undefined if it is invalid. */
export function fromOtel(context: OtelSpanContext): SpanContext | undefined {
  const { traceId, spanId, traceFlags, traceState } = context;
  if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
  return {
    traceId,
    spanId,
    ...fromTraceFlags(traceFlags),
    traceState: checkedTraceState(traceState?.serialize()),
  };
}
