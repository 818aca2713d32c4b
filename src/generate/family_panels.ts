/** The panels of any family, by its type. */
import { isTimestamp } from "./timestamps.ts";
import { observations, quantile, type QueriedFamily } from "./families.ts";
import { graph, heatmap, type Panel, table, timeline } from "./panels.ts";
import { by, type PromQL } from "./promql.ts";
import { descriptionOf, rateUnitOf, unitOf } from "./words.ts";

/** The number of labels by which series are told apart: the first ones. */
const MAX_LABELS = 2;

/** The quantiles of a distribution. */
export const QUANTILES: readonly number[] = [0.5, 0.95, 0.99];

/** Returns the name of a quantile: `p99`. */
export function quantileName(q: number): string {
  return `p${+(100 * q).toPrecision(6)}`;
}

/** Returns a legend of label values; labels are names on the server. */
export function legendOf(names: readonly string[]): string {
  return names.map((name) => `{{${name}}}`).join(" ");
}

/** The labels by which the series of a family are told apart. */
interface Grouping {
  /** The labels as source text. */
  readonly labels: readonly string[];
  readonly legend: string;
}

/** Returns the grouping by the first labels; by instance if there are none. */
function groupingOf(
  promql: PromQL,
  labelNames: readonly string[],
): Grouping {
  if (labelNames.length === 0) {
    return { labels: ["instance"], legend: "{{instance}}" };
  }
  const names = labelNames.slice(0, MAX_LABELS);
  return {
    labels: names.map((name) => promql.label(name)),
    legend: legendOf(names.map((name) => promql.labelName(name))),
  };
}

/** Returns the panels of a family, at least one; their titles begin with `title`. */
export function panelsOf(
  promql: PromQL,
  family: QueriedFamily,
  title: string,
): Panel[] {
  const { name, labelNames } = family;
  const description = descriptionOf(family);
  const grouping = groupingOf(promql, labelNames);
  switch (family.type) {
    case "counter": {
      const expr = by("sum", grouping.labels, promql.rate(name));
      const unit = rateUnitOf(family);
      return [graph({
        title: `${title}, per second`,
        description,
        unit,
        queries: [{ expr, legend: grouping.legend }],
      })];
    }
    case "histogram":
    case "gaugehistogram":
      return distributionPanels(promql, family, title);
    case "summary":
      return summaryPanels(promql, family, title);
    case "info": {
      const labels = labelNames.map((label) => promql.label(label));
      const expr = by("max", ["instance", ...labels], promql.select(name));
      return [
        table({ title, description, unit: "short", queries: [{ expr }] }),
      ];
    }
    case "stateset": {
      const names = labelNames.map((label) => promql.labelName(label));
      return [timeline({
        title,
        description,
        unit: "short",
        queries: [{
          expr: `${promql.select(name)} == 1`,
          legend: legendOf(["instance", ...names]),
        }],
      })];
    }
    default:
      return [levelPanel(promql, family, title)];
  }
}

/** Returns the panel of a gauge, aggregated as workers of one process are. */
function levelPanel(
  promql: PromQL,
  family: QueriedFamily,
  title: string,
): Panel {
  const { name, labelNames, merge } = family;
  const { labels, legend } = groupingOf(promql, labelNames);
  const isAge = isTimestamp(family);
  const isRaw = merge === "each-worker" || merge === "last";
  const names = labelNames.map((label) => promql.labelName(label));
  const selected = promql.select(name);
  const level = isRaw || isAge ? selected : by(merge, labels, selected);
  return graph({
    title: isAge ? `${title}, age` : title,
    description: descriptionOf(family),
    unit: unitOf(family),
    queries: [{
      expr: isAge ? `time() - ${level}` : level,
      legend: isRaw || isAge ? legendOf(["instance", ...names]) : legend,
    }],
  }, { signed: unitOf(family) !== "bytes" });
}

/** Returns the panels of a family of histograms. */
function distributionPanels(
  promql: PromQL,
  family: QueriedFamily,
  title: string,
): Panel[] {
  const { labelNames, type } = family;
  const [label] = labelNames;
  const description = descriptionOf(family);
  const unit = unitOf(family);
  const panels = [
    graph({
      title: `${title}: quantiles`,
      description,
      unit,
      queries: QUANTILES.map((q) => ({
        expr: quantile(promql, family, q, []),
        legend: quantileName(q),
      })),
    }),
    distribution(promql, family, `${title}: distribution`),
  ];
  if (label === undefined || type !== "histogram") return panels;
  const [labels, legend] = [
    [promql.label(label)],
    legendOf([promql.labelName(label)]),
  ];
  return [
    ...panels,
    graph({
      title: `${title}: observations per second by ${label}`,
      description,
      unit: "ops",
      queries: [{ expr: observations(promql, family, labels), legend }],
    }),
    graph({
      title: `${title}: p95 by ${label}`,
      description,
      unit,
      queries: [{ expr: quantile(promql, family, 0.95, labels), legend }],
    }),
  ];
}

/**
 * Returns the heat map of a family of histograms. If a server can store its
 * native or its classic buckets, the query of native ones is there, but hidden.
 */
export function distribution(
  promql: PromQL,
  family: QueriedFamily,
  title: string,
): Panel {
  const { name, type, buckets } = family;
  const of = (sample: string) =>
    type === "histogram" ? promql.rate(sample) : promql.select(sample);
  const classic = {
    expr: by("sum", ["le"], of(`${name}_bucket`)),
    legend: "{{le}}",
    format: "heatmap" as const, // each series is a bucket
  };
  const native = { expr: by("sum", [], of(name)), legend: name };
  const note =
    "\n\nQuery A reads classic buckets. If the server stores native " +
    "buckets only, show query B in its place.";
  return heatmap({
    title,
    description: descriptionOf(family) + (buckets === "both" ? note : ""),
    unit: unitOf(family),
    queries: buckets === "native"
      ? [native]
      : buckets === "classic"
      ? [classic]
      : [classic, { ...native, hide: true }],
  });
}

/** Returns the panels of a family of summaries. */
function summaryPanels(
  promql: PromQL,
  family: QueriedFamily,
  title: string,
): Panel[] {
  const { name, labelNames } = family;
  const description = descriptionOf(family);
  const unit = unitOf(family);
  const names = labelNames.map((label) => promql.labelName(label));
  const { labels, legend } = groupingOf(promql, labelNames);
  const rateOf = (sample: string) =>
    by("sum", labels, promql.rate(`${name}_${sample}`));
  return [
    graph({
      title: `${title}: quantiles of each instance`,
      description: `${description}\n\nQuantiles of several instances cannot ` +
        "be merged. A summary without quantiles has its mean only.",
      unit,
      queries: [{
        expr: promql.select(name),
        legend: legendOf(["instance", ...names, "quantile"]),
      }, {
        expr: `${rateOf("sum")} / ${rateOf("count")}`,
        legend: `mean ${legend}`,
      }],
    }),
    graph({
      title: `${title}: observations per second`,
      description,
      unit: "ops",
      queries: [{ expr: rateOf("count"), legend }],
    }),
  ];
}
