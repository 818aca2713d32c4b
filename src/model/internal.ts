/** The exports of model/ for other folders of src/, beside its public door. */
export { checkOnce, descFrom } from "./check_desc.ts";
export { checkHistogram, checkNumber, checkSummary } from "./check_point.ts";
export {
  collectInto,
  collectPart,
  failPart,
  reportFailure,
  reportScrape,
} from "./collect.ts";
export { checkedExemplar, MAX_SECONDS } from "./copy_point.ts";
export { factsOf, VERBS } from "./desc.ts";
export { escapedDesc } from "./escaped_desc.ts";
export { ExposedNames, exposedNames } from "./exposed_names.ts";
export { fixedDesc } from "./fixed_desc.ts";
export {
  mergeHistograms,
  newestExemplar,
  orderNumbers,
} from "./merge_histograms.ts";
export { MISSING } from "./missing.ts";
export {
  OTEL_TRANSLATIONS,
  otelFamilyName,
  otelLabelName,
  otelLabels,
  type OtelMetric,
  type OtelScope,
  otelScopeLabels,
  otelUnitWord,
  otelValueText,
  ucumUnit,
} from "./otel_names.ts";
export {
  adopt,
  canRefresh,
  collectUnchecked,
  descsOf,
  isTrusted,
  nameOf,
  partsOf,
  rowsOf,
  trustParts,
  trustSource,
} from "./parts.ts";
export { peekInto } from "./peek.ts";
export { refreshParts } from "./refresh.ts";
export { BLOCK, BLOCK_BITS } from "./rows.ts";
export { grammarError } from "./sink.ts";
export {
  FLEET,
  fleetOf,
  type FleetSource,
  isFleet,
  type Joining,
  type ObservedSource,
  OBSERVER,
  observerOf,
  publishSoon,
  ROLE,
  SCRAPE_OBSERVER,
  YIELD,
  type YieldingSource,
} from "./source.ts";
