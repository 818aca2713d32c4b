/** The option `names`, which the built-in metrics of several folders have. */
import { oneOf, type OptionRule } from "./options.ts";

/**
 * The names of built-in metrics: those that Prometheus clients use, those of
 * OpenTelemetry's semantic conventions, or both side by side.
 */
export type MetricNames = "prometheus" | "semconv" | "both";

/** The rule of an option that is `MetricNames`. */
export const METRIC_NAMES: OptionRule<MetricNames> = /* @__PURE__ */ oneOf<
  MetricNames
>(["prometheus", "semconv", "both"], "prometheus");
