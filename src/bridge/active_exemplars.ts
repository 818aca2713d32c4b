/** Exemplars that point to the active span. */
import type { ExemplarLabels, ExemplarSource } from "../metrics/mod.ts";
import { activeSpan, activeSpanContext } from "../trace/mod.ts";

/**
 * Returns the labels `trace_id` and `span_id` of the active span; undefined if
 * there is none or it is not sampled. The span may belong to another tracer that
 * uses OpenTelemetry's API.
 *
 * Sets the attribute `exemplar` on a span of this module, so that tail sampling
 * can keep the traces that exemplars point to.
 */
export const spanExemplars: ExemplarSource = ():
  | ExemplarLabels
  | undefined => {
  const context = activeSpanContext();
  if (context?.sampled !== true) return undefined;
  const span = activeSpan();
  if (span?.recording) span.setAttribute("exemplar", true);
  const labels: ExemplarLabels = {
    trace_id: context.traceId,
    span_id: context.spanId,
  };
  return labels;
};
