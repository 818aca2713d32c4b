/**
 * A context manager for OpenTelemetry's API: that API and this module then share
 * the active span.
 */
import {
  BAGGAGE_KEY,
  currentContext,
  fromOtelBaggage,
  otelBaggage,
  OUR_MANAGER,
  ROOT,
  SPAN_KEY,
  valueIn,
  withContext,
} from "../trace/internal.ts";
import type { OtelContext } from "../trace/mod.ts";
import { activeContextOf } from "./contexts.ts";
import { otelSpan, ourSpan } from "./span.ts";

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
