/** Names that the other folders of src/ use beside the public door. */
export { collectorsOf } from "./collector.ts";
export { environmentOf, identityOf } from "./environment.ts";
export { TELEMETRY_OPTIONS } from "./telemetry.ts";
export { unobservedFetch } from "./tracing.ts";
export { OBSERVE_OPTIONS } from "./wire.ts";
