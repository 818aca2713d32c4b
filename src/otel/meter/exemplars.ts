/** Exemplars of measurements: the span of their context, or the active one. */
import type { ExemplarLabels } from "../../metrics/mod.ts";
import { activeSpan, activeSpanContext } from "../../trace/mod.ts";
import { hasContextManager, SPAN_KEY, valueIn } from "../../trace/internal.ts";
import { spanContextIn } from "../contexts.ts";
import { ourSpan } from "../span.ts";

/** OpenMetrics 1.0: names and values of an exemplar together. */
const MAX_SIZE = 128;

/** The size of `trace_id`, `span_id` and their values. */
const SPAN_SIZE = 8 + 32 + 7 + 16;

/** The source of exemplars of one provider. */
export class ContextExemplars {
  /** The context of the record that is being made; undefined if none is given. */
  given: unknown = undefined;
  /** Returns the attributes that the record leaves out; undefined if it has all. */
  leftOut: (() => readonly (readonly [string, string])[]) | undefined;

  /**
   * Returns the labels of the span if it is sampled, and then attributes that
   * the series does not have, while they fit. Sets the attribute
   * `exemplar` on a span of this module, as `spanExemplars` does.
   */
  readonly source = (): ExemplarLabels | undefined => {
    const { given } = this;
    const context = given === undefined
      ? activeSpanContext()
      : spanContextIn(given);
    if (context?.sampled !== true) return undefined;
    const span = given === undefined || !hasContextManager()
      ? activeSpan()
      : ourSpan(valueIn(given, SPAN_KEY));
    if (span?.recording) span.setAttribute("exemplar", true);
    const labels: [string, string][] = [
      ["trace_id", context.traceId],
      ["span_id", context.spanId],
    ];
    let size = SPAN_SIZE;
    for (const [label, text] of this.leftOut?.() ?? []) {
      if (label === "trace_id" || label === "span_id") continue;
      size += label.length + text.length;
      if (size > MAX_SIZE) break;
      labels.push([label, text]);
    }
    return Object.fromEntries(labels) as ExemplarLabels;
  };
}
