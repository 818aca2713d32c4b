/** Names that the other folders of src/ use beside the public door. */
export { SPAN_OPTIONS } from "./span_exporter_options.ts";
