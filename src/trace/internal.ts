/** Names that the other folders of src/ use beside the public door. */
export {
  type ActiveContext,
  currentContext,
  isTracingSuppressed,
  withContext,
  withoutContext,
  withSpanSync,
} from "./active.ts";
export { checkedAttribute, exceptionAttributes } from "./attributes.ts";
export { followMirrored, mirrorActiveSpan } from "./mirrored_span.ts";
export { fromOtelBaggage, otelBaggage } from "./otel_baggage.ts";
export {
  BAGGAGE_KEY,
  contextOfOtelSpan,
  fromOtel,
  hasContextManager,
  isTracedElsewhere,
  OUR_MANAGER,
  OURS,
  REMOTE,
  SPAN_KEY,
  suppressesTracing,
  valueIn,
  valueOf,
} from "./otel_context.ts";
export { ROOT } from "./otel_values.ts";
export { injectContext } from "./propagate.ts";
export { publishedTracers } from "./published_tracers.ts";
export { traceFlags } from "./traceparent.ts";
export {
  isUnobserved,
  observesFetch,
  quietListener,
  unobserved,
} from "./unobserved.ts";
