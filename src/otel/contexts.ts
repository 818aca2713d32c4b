/** Contexts of OpenTelemetry's API, and the active contexts of this module. */
import {
  type ActiveContext,
  BAGGAGE_KEY,
  contextOfOtelSpan,
  currentContext,
  fromOtelBaggage,
  hasContextManager,
  SPAN_KEY,
  valueIn,
  valueOf,
} from "../trace/internal.ts";
import {
  activeSpanContext,
  NO_BAGGAGE,
  type OtelContext,
  type Span,
  type SpanContext,
} from "../trace/mod.ts";
import { ourSpan } from "./span.ts";

/** Returns whether a value has the shape of an OpenTelemetry context. */
export function isContext(value: unknown): value is OtelContext {
  return ["getValue", "setValue", "deleteValue"].every((name) =>
    typeof valueOf(value, name) === "function"
  );
}

/**
 * Returns the active context of work with `span`: values and baggage are those of
 * `context`. Default: the active ones.
 */
export function activeContextOf(
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

/**
 * Returns the identity of the span in a context; undefined if there is none.
 * Without a context manager every context of the API is empty: the active span
 * then counts.
 */
export function spanContextIn(context: unknown): SpanContext | undefined {
  const span = valueIn(context, SPAN_KEY);
  const own = ourSpan(span);
  if (own !== undefined) return own.propagates ? own.context : undefined;
  return contextOfOtelSpan(span) ??
    (hasContextManager() ? undefined : activeSpanContext());
}
