/** Names that the other folders of src/ use beside the public door. */
export { readSpanOptions, SPAN_OPTIONS } from "./otlp/span_exporter_options.ts";
export type { SendOutcome } from "./send_outcome.ts";
export { spanSender } from "./otlp/span_sender.ts";
export { platformFetch } from "./post.ts";
export { OTLP_METRICS_OPTIONS } from "./otlp/metrics_options.ts";
