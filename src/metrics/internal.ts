/** The names that other folders take from metrics/, beside its public door. */
export { defaultBareRegistry } from "./bare_registry.ts";
