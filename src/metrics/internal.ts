/** The exports of metrics/ for other folders of src/, beside its public door. */
export { defaultBareRegistry } from "./bare_registry.ts";
