/** The exports of metrics/ for other folders of src/, beside its public door. */
export { defaultBareRegistry, prefixOf, scopeOf } from "./bare_registry.ts";
