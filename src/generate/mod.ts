/**
 * Grafana dashboards, Prometheus rules and their tests, generated from the
 * families of a registry: always in step with the program that records them.
 *
 * Everything here is a pure function that returns plain JSON.
 *
 * ```ts
 * import { defaultRegistry, observe } from "@barograph/barograph";
 * import {
 *   grafanaDashboard,
 *   prometheusRules,
 *   ruleTests,
 * } from "@barograph/barograph/dashboard/generate";
 *
 * observe(() => new Response("hello"));
 * const registry = defaultRegistry();
 * const options = {
 *   job: "shop",
 *   objectives: [{ name: "availability", target: 0.999 }],
 * };
 * const files = {
 *   "shop.json": grafanaDashboard(registry, { title: "Shop" }),
 *   "rules.yml": prometheusRules(registry, options),
 *   "rules_test.yml": ruleTests(registry, options),
 * };
 * console.log(JSON.stringify(files["rules.yml"], undefined, 2));
 * ```
 *
 * @module
 */
export type { EscapingScheme } from "../base/mod.ts";
export type {
  DenseBuckets,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MergeRule,
  MetricType,
  NativeView,
  RowChanges,
  Rows,
  Sink,
  Source,
  SummaryView,
} from "../model/mod.ts";
export { type DashboardOptions, grafanaDashboard } from "./dashboard.ts";
export type {
  DataSource,
  GrafanaDashboard,
  GrafanaPanel,
  GrafanaPosition,
  GrafanaRow,
  GrafanaTarget,
  GrafanaVariable,
} from "./dashboard_model.ts";
export type { Buckets, Described } from "./families.ts";
export type { LabelValues, Objective } from "./objectives.ts";
export type {
  AlertingRule,
  PrometheusRules,
  PrometheusRuleTests,
  RecordingRule,
  RuleGroup,
  RuleTest,
  TestSeries,
} from "./rule_model.ts";
export {
  prometheusRules,
  type RuleOptions,
  type RuleTestOptions,
  ruleTests,
  type Thresholds,
} from "./rules.ts";
export { toYaml } from "./yaml.ts";
