/** Names that the other folders of src/ use beside the public door. */
export { withoutContext, withSpanSync } from "./active.ts";
export { followMirrored, mirrorActiveSpan } from "./mirrored_span.ts";
export { isTracedElsewhere } from "./otel_context.ts";
export {
  isUnobserved,
  observesFetch,
  quietListener,
  unobserved,
} from "./unobserved.ts";
