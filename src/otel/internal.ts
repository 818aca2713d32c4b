/** Names that the other folders of src/ use beside the public door. */
export { type Environment, readEnvironment } from "./environment.ts";
export type { Certificate, Signal, SignalSettings } from "./signal_settings.ts";
export type { GetVariable } from "./variables.ts";
