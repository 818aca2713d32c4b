/** The exports of model/ for other folders of src/, beside its public door. */
export { checkOnce, descFrom } from "./check_desc.ts";
export { factsOf, VERBS } from "./desc.ts";
export { escapedDesc } from "./escaped_desc.ts";
export { ExposedNames, exposedNames } from "./exposed_names.ts";
export { refreshParts } from "./refresh.ts";
export { BLOCK, BLOCK_BITS } from "./rows.ts";
export { grammarError } from "./sink.ts";
export {
  collectPart,
  failPart,
  nameOf,
  type ObservedSource,
  OBSERVER,
  observerOf,
  partsOf,
  reportFailure,
  reportScrape,
  SCRAPE_OBSERVER,
} from "./source.ts";
