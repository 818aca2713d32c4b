/** Names that the other folders of src/ use beside the public door. */
export { TELEMETRY_OPTIONS } from "./telemetry.ts";
export { UNKNOWN_SERVICE, unobservedFetch } from "./tracing.ts";
export { OBSERVE_OPTIONS } from "./wire.ts";
