/** The exports of metrics/ for other folders of src/, beside its public door. */
export { defaultBareRegistry } from "./bare_registry.ts";
export { prefixOf, scopeOf } from "./declarer.ts";
export { defaultSource, emptySource } from "./scope_source.ts";
