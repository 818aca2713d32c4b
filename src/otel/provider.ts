/**
 * A tracer provider for OpenTelemetry's API: libraries that are instrumented with
 * that API create spans of this module.
 */
import { callSafely } from "../base/internal.ts";
import {
  contextOfOtelSpan,
  currentContext,
  hasContextManager,
  isTracingSuppressed,
  SPAN_KEY,
  suppressesTracing,
  valueIn,
  withContext,
} from "../trace/internal.ts";
import type {
  Attributes,
  OtelContext,
  OtelSpanContext,
  Span,
  SpanContext,
  SpanKind,
  SpanOptions,
  Tracer,
} from "../trace/mod.ts";
import { activeContextOf, isContext } from "./contexts.ts";
import {
  linkOf,
  type OtelSpan,
  otelSpan,
  ourSpan,
  type TimeInput,
  unixSeconds,
} from "./span.ts";

/** Options of `startSpan` in OpenTelemetry's API. */
export interface OtelSpanOptions {
  /** 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind?: number;
  /** Attributes that are known at the start. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Links to other spans. */
  readonly links?: readonly {
    readonly context: OtelSpanContext;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
  /** Start of the span. Default: now. */
  readonly startTime?: TimeInput;
  /** Whether the span starts a new trace. */
  readonly root?: boolean;
}

/** A tracer in the shape of OpenTelemetry's API. */
export interface OtelTracer {
  /** Starts a span. */
  startSpan(
    name: string,
    options?: OtelSpanOptions,
    context?: OtelContext,
  ): OtelSpan;
  /** Starts a span and calls the last argument with it, as the active span. */
  startActiveSpan<R>(name: string, ...rest: readonly unknown[]): R;
}

/** A tracer provider in the shape of OpenTelemetry's API. */
export interface OtelProvider {
  /** Returns the tracer of a library. */
  getTracer(name: string, version?: string): OtelTracer;
}

const KINDS: readonly SpanKind[] = [
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
];

/**
 * Returns a tracer provider for OpenTelemetry's API. Register it by
 * `trace.setGlobalTracerProvider(asOtelProvider(tracer))`, together with
 * `asOtelContextManager()`, so that both share the active span.
 */
export function asOtelProvider(tracer: Tracer): OtelProvider {
  return {
    getTracer: (name, version) => otelTracer(tracer.named(name, version)),
  };
}

function otelTracer(tracer: Tracer): OtelTracer {
  const start = (
    name: string,
    options: OtelSpanOptions = {},
    given?: OtelContext,
  ): Span => {
    const context = isContext(given) ? given : undefined;
    // Odd options cost themselves only.
    const spanOptions = callSafely(() => readOptions(options, context), 0) ??
      { parent: parentIn(context) };
    const begin = () => tracer.start(name, spanOptions);
    // Whether tracing is suppressed is decided by the context that is given.
    return context === undefined ||
        suppressesTracing(context) === isTracingSuppressed(currentContext())
      ? begin()
      : withContext(activeContextOf(undefined, context), begin);
  };
  return {
    startSpan: (...args) => otelSpan(start(...args)),
    startActiveSpan<R>(name: string, ...rest: readonly unknown[]): R {
      const work = rest.at(-1) as (span: OtelSpan) => R;
      if (typeof work !== "function") return undefined as R;
      const [options, context] = rest.slice(0, -1) as [
        OtelSpanOptions?,
        OtelContext?,
      ];
      const span = start(name, options, context);
      return withContext(
        activeContextOf(span, context),
        () => work(otelSpan(span)),
      );
    },
  };
}

function readOptions(
  { kind, attributes, links, startTime, root }: OtelSpanOptions,
  context: OtelContext | undefined,
): SpanOptions {
  return {
    kind: typeof kind === "number" ? KINDS[kind] : undefined,
    links: Array.isArray(links) ? links.map(linkOf) : undefined,
    attributes: attributes as Attributes | undefined, // the span checks them
    start: unixSeconds(startTime),
    parent: root === true ? null : parentIn(context),
  };
}

/**
 * Returns the parent of a span started in `context`: null for none, undefined
 * for the active span.
 */
function parentIn(
  context: OtelContext | undefined,
): Span | SpanContext | null | undefined {
  if (context === undefined) return undefined;
  const span = valueIn(context, SPAN_KEY);
  const parent = ourSpan(span) ?? contextOfOtelSpan(span);
  if (parent !== undefined) return parent;
  // Without a context manager every context of the API is empty.
  return hasContextManager() ? null : undefined;
}
