/** Validation of the contexts that users pass as parents and links. */
import { isParsed } from "./parsed.ts";
import type { SpanContext } from "./record.ts";
import { checkedTraceState, isSpanId, isTraceId } from "./traceparent.ts";

/**
 * Returns a context that is safe to keep: a copy, with an empty `traceState` if
 * it is malformed. Returns undefined for anything but a context with legal ids.
 * Never throws.
 *
 * A copy cannot change later, and keeps no span alive: an unrecorded span is its
 * own context.
 */
export function checkedContext(context: unknown): SpanContext | undefined {
  // A thrown error would cost more than all checks.
  if (typeof context !== "object" || context === null) return undefined;
  try {
    if (isParsed(context as SpanContext)) return context as SpanContext;
    const { traceId, spanId, sampled, random, traceState } =
      context as SpanContext;
    if (!isTraceId(traceId) || !isSpanId(spanId)) return undefined;
    const checked = {
      traceId,
      spanId,
      sampled: sampled === true,
      traceState: traceState === "" ? "" : checkedTraceState(traceState),
    };
    return random === true ? { ...checked, random } : checked;
  } catch {
    return undefined;
  }
}
