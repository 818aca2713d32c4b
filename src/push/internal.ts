/** Names that the other folders of src/ use beside the public door. */
export { SPAN_OPTIONS } from "./span_exporter_options.ts";
export type { SendOutcome } from "./delivery.ts";
export { spanSender } from "./span_sender.ts";
