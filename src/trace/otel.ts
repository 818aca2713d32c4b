/**
 * Adapters to OpenTelemetry's API: a tracer provider and a context manager. The
 * propagator is in `otel_propagator.ts`.
 * Libraries instrumented with that API then create spans of this module.
 *
 * The API is not imported. The adapters have the shapes that it expects, and
 * users register them with their own copy of the API.
 */
import { callSafely } from "../base/internal.ts";
import {
  type ActiveContext,
  currentContext,
  isTracingSuppressed,
  withContext,
} from "./active.ts";
import type { Span, SpanOptions, Tracer } from "./api.ts";
import { NO_BAGGAGE } from "./baggage.ts";
import { fromOtelBaggage, otelBaggage } from "./otel_baggage.ts";
import {
  BAGGAGE_KEY,
  contextOfOtelSpan,
  hasContextManager,
  type OtelSpanContext,
  OUR_MANAGER,
  SPAN_KEY,
  suppressesTracing,
  valueIn,
  valueOf,
} from "./otel_context.ts";
import {
  linkOf,
  type OtelSpan,
  otelSpan,
  ourSpan,
  type TimeInput,
  unixSeconds,
} from "./otel_span.ts";
import { type OtelContext, ROOT } from "./otel_values.ts";
import type { Attributes, SpanContext, SpanKind } from "./record.ts";

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

/** Returns whether a value has the shape of an OpenTelemetry context. */
function isContext(value: unknown): value is OtelContext {
  return ["getValue", "setValue", "deleteValue"].every((name) =>
    typeof valueOf(value, name) === "function"
  );
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

/**
 * Returns the active context of work with `span`: values and baggage are those of
 * `context`. Default: the active ones.
 */
function activeContextOf(
  span: Span | undefined,
  context?: OtelContext,
): ActiveContext {
  if (!isContext(context)) {
    const { baggage = NO_BAGGAGE, values } = currentContext() ?? {};
    return { span, baggage, values };
  }
  const baggage = fromOtelBaggage(valueIn(context, BAGGAGE_KEY));
  return { span, baggage, values: context };
}

/** A context manager in the shape of OpenTelemetry's API. */
export interface OtelContextManager {
  /** Returns the context of the running code. */
  active(): OtelContext;
  /** Runs `work` in a context. */
  with<A extends unknown[], R>(
    context: OtelContext,
    work: (...args: A) => R,
    self?: unknown,
    ...args: A
  ): R;
  /** Binds a function to `context`; returns other targets unchanged. */
  bind<T>(context: OtelContext, target: T): T;
  /** Does nothing: the context manager is always enabled. */
  enable(): this;
  /** Does nothing. */
  disable(): this;
}

/**
 * Returns a context manager for OpenTelemetry's API. The API and this module then
 * share the active span.
 * Register it by `context.setGlobalContextManager(asOtelContextManager())`.
 */
export function asOtelContextManager(): OtelContextManager {
  const manager = {
    [OUR_MANAGER]: true,
    active() {
      const current = currentContext();
      if (current === undefined) return ROOT;
      const { span, baggage } = current;
      let values = (current.values ?? ROOT) as OtelContext;
      if (span !== undefined && ourSpan(values.getValue(SPAN_KEY)) !== span) {
        values = values.setValue(SPAN_KEY, otelSpan(span));
      }
      if (fromOtelBaggage(values.getValue(BAGGAGE_KEY)) === baggage) {
        return values;
      }
      return baggage.size === 0
        ? values.deleteValue(BAGGAGE_KEY)
        : values.setValue(BAGGAGE_KEY, otelBaggage(baggage));
    },
    with(context, work, self, ...args) {
      // Another tracer's span stays in the context: `otelSpanContext` finds it.
      const span = ourSpan(valueIn(context, SPAN_KEY));
      return withContext(
        activeContextOf(span, context),
        () => work.apply(self, args),
      );
    },
    bind(context, target) {
      if (typeof target !== "function") return target;
      const bound = function (this: unknown, ...args: unknown[]): unknown {
        return manager.with(context, target as never, this, ...args as never);
      };
      return bound as typeof target;
    },
    enable: () => manager,
    disable: () => manager,
  } as OtelContextManager;
  return manager;
}
