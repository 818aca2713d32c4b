/** Adapter to OpenTelemetry's API: a propagator of trace context and baggage. */
import { callSafely } from "../base/internal.ts";
import {
  activeBaggage,
  activeSpanContext,
  currentContext,
  isTracingSuppressed,
} from "./active.ts";
import type { Baggage } from "./baggage.ts";
import { fromOtelBaggage, otelBaggage } from "./otel_baggage.ts";
import {
  BAGGAGE_KEY,
  contextOfOtelSpan,
  hasContextManager,
  SPAN_KEY,
  suppressesTracing,
  valueIn,
} from "./otel_context.ts";
import type { OtelContext } from "./otel_values.ts";
import { ourSpan, remoteSpan } from "./otel_span.ts";
import { extract, injectContext } from "./propagate.ts";
import type { SpanContext } from "./record.ts";

/** Reads fields of a carrier in OpenTelemetry's API. */
export interface OtelGetter<C> {
  /** Returns a field; a repeated one as a list. */
  get(carrier: C, name: string): string | string[] | undefined;
  /** Returns the names of all fields. */
  keys(carrier: C): string[];
}

/** Writes fields of a carrier in OpenTelemetry's API. */
export interface OtelSetter<C> {
  /** Writes a field. */
  set(carrier: C, name: string, value: string): void;
}

/** A propagator in the shape of OpenTelemetry's API. */
export interface OtelPropagator {
  /** Writes the span and the baggage of a context into a carrier. */
  inject<C>(context: OtelContext, carrier: C, setter: OtelSetter<C>): void;
  /** Returns `context` with the span and the baggage that a carrier holds. */
  extract<C>(
    context: OtelContext,
    carrier: C,
    getter: OtelGetter<C>,
  ): OtelContext;
  /** Returns the names of the fields that `inject` writes. */
  fields(): string[];
}

const FIELDS = ["traceparent", "tracestate", "baggage"] as const;

/**
 * Returns a propagator for OpenTelemetry's API: W3C trace context and baggage.
 * Register it by `propagation.setGlobalPropagator(asOtelPropagator())`.
 *
 * A getter or setter that throws does not fail the work.
 */
export function asOtelPropagator(): OtelPropagator {
  return {
    inject: (context, carrier, setter) =>
      void callSafely(() => {
        if (isSuppressedIn(context)) return;
        injectContext(
          {
            set: (name, value) =>
              void callSafely(
                () => setter.set(carrier, name, value),
                undefined,
              ),
          },
          spanContextIn(context),
          baggageIn(context),
        );
      }, undefined),
    extract: (context, carrier, getter) =>
      callSafely(() => {
        const { parent, baggage } = extract({
          get: (name) =>
            callSafely(() => getter.get(carrier, name), undefined) as string,
        });
        const extracted = parent === undefined
          ? context
          : context.setValue(SPAN_KEY, remoteSpan(parent));
        return baggage.size === 0
          ? extracted
          : extracted.setValue(BAGGAGE_KEY, otelBaggage(baggage));
      }, undefined) ?? context,
    fields: () => [...FIELDS],
  };
}

// Without a context manager every context of the API is empty: the active
// context of this module then holds.
function isSuppressedIn(context: OtelContext): boolean {
  return hasContextManager()
    ? suppressesTracing(context)
    : isTracingSuppressed(currentContext());
}

function spanContextIn(context: OtelContext): SpanContext | undefined {
  const span = valueIn(context, SPAN_KEY);
  const own = ourSpan(span);
  if (own !== undefined) return own.propagates ? own.context : undefined;
  return contextOfOtelSpan(span) ??
    (hasContextManager() ? undefined : activeSpanContext());
}

function baggageIn(context: OtelContext): Baggage {
  const value = valueIn(context, BAGGAGE_KEY);
  return value === undefined && !hasContextManager()
    ? activeBaggage()
    : fromOtelBaggage(value);
}
