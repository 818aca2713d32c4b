/** A propagator for OpenTelemetry's API, in any of the formats of this module. */
import { callSafely, display, quoted } from "../base/internal.ts";
import {
  BAGGAGE_KEY,
  currentContext,
  fromOtelBaggage,
  hasContextManager,
  isTracingSuppressed,
  otelBaggage,
  SPAN_KEY,
  suppressesTracing,
  valueIn,
} from "../trace/internal.ts";
import {
  activeBaggage,
  b3,
  b3multi,
  type Baggage,
  extract,
  type HeaderSetter,
  type OtelContext,
  type Propagator,
  w3cBaggage,
  w3cTraceContext,
} from "../trace/mod.ts";
import { spanContextIn } from "./contexts.ts";
import { remoteSpan } from "./span.ts";

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

/** A propagation format by its name in the variable `OTEL_PROPAGATORS`. */
export type PropagatorName = "tracecontext" | "baggage" | "b3" | "b3multi";

const BY_NAME: ReadonlyMap<string, Propagator> = /* @__PURE__ */ new Map([
  ["tracecontext", w3cTraceContext],
  ["baggage", w3cBaggage],
  ["b3", b3],
  ["b3multi", b3multi],
]);

/** Returns the format of a name of `OTEL_PROPAGATORS`; undefined for others. */
export function propagatorNamed(name: string): Propagator | undefined {
  return BY_NAME.get(name);
}

/**
 * Returns a propagator for OpenTelemetry's API. Register it by
 * `propagation.setGlobalPropagator(asPropagator())`.
 *
 * - It writes all of `formats`, and reads them in this order: of several that
 *   find a span, or baggage, the last one counts.
 * - Both forms of B3 are read for either of its names.
 * - A getter or setter that throws does not fail the work.
 *
 * Default for `formats`: `["tracecontext", "baggage"]`.
 *
 * @throws {TypeError} If a format is unknown.
 */
export function asPropagator(
  formats: readonly (PropagatorName | Propagator)[] = [
    "tracecontext",
    "baggage",
  ],
): OtelPropagator {
  const propagators = propagatorsOf(formats);
  return {
    inject: (context, carrier, setter) =>
      void callSafely(() => {
        if (isSuppressedIn(context)) return;
        const headers: HeaderSetter = {
          set: (name, value) =>
            void callSafely(() => setter.set(carrier, name, value), undefined),
        };
        const span = spanContextIn(context);
        const baggage = baggageIn(context);
        for (const each of propagators) each.inject(headers, span, baggage);
      }, undefined),
    extract: (context, carrier, getter) =>
      callSafely(() => {
        const { parent, baggage } = extract({
          get: (name) =>
            callSafely(() => getter.get(carrier, name), undefined) as string,
        }, propagators);
        const extracted = parent === undefined
          ? context
          : context.setValue(SPAN_KEY, remoteSpan(parent));
        return baggage.size === 0
          ? extracted
          : extracted.setValue(BAGGAGE_KEY, otelBaggage(baggage));
      }, undefined) ?? context,
    fields: () => [...new Set(propagators.flatMap(({ fields }) => fields))],
  };
}

/** @throws {TypeError} If one of them is unknown. */
function propagatorsOf(formats: unknown): readonly Propagator[] {
  const names = [...BY_NAME.keys()].map(quoted).join(", ");
  if (!Array.isArray(formats)) {
    throw new TypeError(
      `Cannot make a propagator: give a list of formats, such as [${names}]`,
    );
  }
  return formats.map((format: unknown) => {
    const known = typeof format === "string" ? BY_NAME.get(format) : format;
    if (typeof (known as Propagator | undefined)?.inject === "function") {
      return known as Propagator;
    }
    throw new TypeError(
      `Cannot make a propagator: format ${shown(format)} is unknown; give ` +
        `any of ${names}`,
    );
  });
}

function shown(format: unknown): string {
  return typeof format === "string" ? quoted(format) : display(format);
}

// Without a context manager every context of the API is empty: the active
// context of this module then holds.
function isSuppressedIn(context: OtelContext): boolean {
  return hasContextManager()
    ? suppressesTracing(context)
    : isTracingSuppressed(currentContext());
}

function baggageIn(context: OtelContext): Baggage {
  const value = valueIn(context, BAGGAGE_KEY);
  return value === undefined && !hasContextManager()
    ? activeBaggage()
    : fromOtelBaggage(value);
}
