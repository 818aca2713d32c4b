/** The active span as the source of exemplars. */
import type { ExemplarLabels, ExemplarSource } from "../metrics/mod.ts";
import { activeSpanContext, spanFromContext } from "../trace/mod.ts";

/**
 * Points at the trace of the work at hand, by OpenMetrics' names of labels, if
 * it is recorded: ours, or one that OpenTelemetry's API tells of. Our span is
 * marked by the attribute `exemplar`, so that whoever samples later knows that
 * a metric points at it.
 */
export const spanExemplars: ExemplarSource = ():
  | ExemplarLabels
  | undefined => {
  const context = activeSpanContext();
  if (context?.sampled !== true) return undefined;
  spanFromContext()?.setAttribute("exemplar", true);
  const labels: ExemplarLabels = {
    trace_id: context.traceId,
    span_id: context.spanId,
  };
  return labels;
};
