/** Rules of options that several factories of this folder share. */
import type { MetricNames } from "../base/mod.ts";
import {
  METRIC_NAMES,
  ofType,
  oneOf,
  type OptionRule,
  rule,
  type SchemaOf,
  withMethods,
} from "../base/internal.ts";
import type { BareRegistry } from "../metrics/mod.ts";
import type { Propagator, Tracer } from "../trace/mod.ts";
import { METHODS } from "./methods.ts";

/** A registry. No default: the default registry is created at first use. */
export const REGISTRY: OptionRule<BareRegistry | undefined> = ofType<
  BareRegistry
>(
  ["object"],
  "a registry, such as createRegistry()",
);

/** Bucket bounds of a duration in seconds. No default: names determine it. */
export const BUCKETS: OptionRule<readonly number[] | undefined> = ofType<
  readonly number[]
>(
  ["array", "object"],
  "a list of seconds, such as [0.1, 1]",
);

/** A tracer; undefined for no spans. */
export const TRACER: OptionRule<Tracer | undefined> = withMethods<Tracer>(
  ["start", "named"],
  "a tracer, such as createTracer()",
);

/** Propagation formats; undefined for W3C trace context and baggage. */
export const PROPAGATORS: OptionRule<readonly Propagator[] | undefined> = rule(
  (value) =>
    Array.isArray(value) &&
    value.every((each) => typeof each?.inject === "function"),
  "a list of propagators, such as [b3, w3cBaggage]",
);

/** Options that choose the names and labels of HTTP metrics. */
export interface HttpNameOptions {
  /**
   * The names of the metrics and their labels: those that Prometheus clients use,
   * those of OpenTelemetry's semantic conventions (in their dotted spelling, if
   * the registry accepts UTF-8 names), or both. Default: `prometheus`.
   */
  readonly names?: MetricNames | undefined;
  /**
   * Whether metrics with Prometheus names count by the class of the status or by
   * its full code. The names of the conventions always have the code. Default:
   * `class`.
   */
  readonly status?: "class" | "code" | undefined;
  /**
   * The methods that labels and spans may contain, in capitals; others become one
   * value. Replaces the default: the nine methods of RFC 9110 and RFC 5789.
   */
  readonly knownMethods?: readonly string[] | undefined;
}

/** Rules of `HttpNameOptions`. */
export const NAME_OPTIONS = {
  names: METRIC_NAMES,
  status: oneOf<"class" | "code">(["class", "code"], "class"),
  knownMethods: rule<readonly string[]>(
    (value) =>
      Array.isArray(value) &&
      value.every((name) => typeof name === "string" && name !== ""),
    'a list of methods, such as ["GET", "QUERY"]',
    METHODS,
  ),
} satisfies SchemaOf<HttpNameOptions>;
