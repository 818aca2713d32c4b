/** Families as metrics of OTLP: names, units, kinds, and the roles of labels. */
import { withoutSuffix } from "../../base/internal.ts";
import type { FamilyDesc, LabelSet } from "../../model/mod.ts";
import { ucumUnit } from "../../model/internal.ts";
import {
  type DataKind,
  type MetricHead,
  type MetricScope,
  TEMPORALITY,
} from "./metric_encoding.ts";

/** The prefix of labels that describe the instrumentation scope. */
const SCOPE = "otel_scope_";

/** A family as it is exported. */
export interface MetricPlan {
  readonly head: MetricHead;
  /** The head of its points with native buckets; only for histograms. */
  readonly exponential: MetricHead;
  /** The indices of all labels. */
  readonly labels: readonly number[];
  /** The indices of the labels that are attributes. */
  readonly attributes: readonly number[];
  /** The indices of the labels that describe the scope. */
  readonly scope: readonly number[];
}

/** Options of the names and the temporality. */
export interface PlanOptions {
  readonly names: "exposed" | "stripped";
  readonly temporality: "cumulative" | "delta";
  /** The families by stripped name: one that would take another's keeps its own. */
  readonly stripped: Map<string, string>;
}

/** Returns the plan of a family; undefined if OTLP has no such type. */
export function planOf(
  desc: FamilyDesc,
  options: PlanOptions,
): MetricPlan | undefined {
  const { type, labelNames } = desc;
  if (type === "gaugehistogram") return undefined;
  const kind: DataKind = type === "histogram" || type === "summary"
    ? type
    : type === "gauge" || type === "unknown"
    ? "gauge"
    : "sum";
  const isText = type === "info" || type === "stateset";
  const head: MetricHead = {
    name: options.names === "exposed"
      ? desc.name
      : strippedName(desc, options.stripped),
    description: desc.help,
    unit: ucumUnit(desc.unit),
    kind,
    temporality: kind === "gauge" || kind === "summary"
      ? undefined
      : isText
      ? TEMPORALITY.cumulative
      : TEMPORALITY[options.temporality],
    isMonotonic: type === "counter",
    prometheusType: isText ? type : "",
  };
  const indices = labelNames.map((_, index) => index);
  const isOfScope = (index: number): boolean =>
    labelNames[index]!.startsWith(SCOPE);
  return {
    head,
    exponential: { ...head, kind: "exponential" },
    labels: indices,
    attributes: indices.filter((index) => !isOfScope(index)),
    scope: indices.filter(isOfScope),
  };
}

/**
 * Returns the name without `_total` and unit, as OpenTelemetry names metrics; the
 * name itself if another family has the shorter one.
 */
function strippedName(
  { name, type, unit }: FamilyDesc,
  owners: Map<string, string>,
): string {
  const stem = type === "counter" ? withoutSuffix(name, "_total") : name;
  const short = unit === "" ? stem : withoutSuffix(stem, `_${unit}`);
  const owner = owners.get(short) ?? name;
  owners.set(short, owner);
  return owner === name ? short : name;
}

/** The scope of families without labels that name another one. */
export const NO_SCOPE: MetricScope = {
  name: "",
  version: "",
  schemaUrl: "",
  attributes: {},
};

/** Returns the scope that the labels at `indices` describe. */
export function scopeOf(
  labels: LabelSet,
  indices: readonly number[],
): MetricScope {
  const scope = { name: "", version: "", schemaUrl: "" };
  const attributes: Record<string, string> = {};
  for (const index of indices) {
    const text = labels.value(index);
    const key = labels.names[index]!.slice(SCOPE.length);
    if (text === "") continue;
    if (key === "name" || key === "version") scope[key] = text;
    else if (key === "schema_url") scope.schemaUrl = text;
    else attributes[key] = text;
  }
  return { ...scope, attributes };
}

/** Returns the label values at `indices` as a key: equal only if all are equal. */
export function keyOf(labels: LabelSet, indices: readonly number[]): string {
  let key = "";
  for (const index of indices) {
    const text = labels.value(index);
    key += `${text.length}:${text}`;
  }
  return key;
}
