/** The exports of metrics/ for other folders of src/, beside its public door. */
export { addSource } from "./added_sources.ts";
export { defaultBareRegistry } from "./bare_registry.ts";
export type { SeriesFollower } from "./diagnostics.ts";
export type { Families } from "./families.ts";
export { declarerOf, prefixOf, scopeIn, scopeOf } from "./declarer.ts";
export { defaultSource, emptySource } from "./scope_source.ts";
export { counterFault } from "./diagnostics.ts";
export {
  fixedLabelsOf,
  type OpenFamily,
  openFamily,
  type OpenFamilyOptions,
} from "./open_family.ts";
export type { Table } from "./table.ts";
