/** Generates a Grafana dashboard from the families of a registry. */
import type { EscapingScheme } from "../base/mod.ts";
import { readOptions, rule, type SchemaOf, text } from "../base/internal.ts";
import type { GrafanaDashboard, GrafanaVariable } from "./dashboard_model.ts";
import {
  BUCKETS,
  type Buckets,
  type Described,
  familiesOf,
  type QueriedFamily,
} from "./families.ts";
import { panelsOf } from "./family_panels.ts";
import { placed, type Row } from "./layout.ts";
import { DATA_SOURCE } from "./panels.ts";
import { ESCAPING, PromQL } from "./promql.ts";
import { requestRow } from "./request_rows.ts";
import { familiesIn, requestsIn } from "./requests.ts";
import { RUNTIME_FAMILY, runtimeRow } from "./runtime_row.ts";
import {
  FLEET_FAMILY,
  fleetRow,
  OWN_FAMILY,
  telemetryRow,
} from "./telemetry_rows.ts";
import { uidOf } from "./uid.ts";
import { shortTitleOf, subsystemOf, titleOf } from "./words.ts";

/** Options of `grafanaDashboard`. */
export interface DashboardOptions {
  /** The title, also in the default of the uid. Default: "Service". */
  readonly title?: string | undefined;
  /**
   * The identifier by which a later import replaces this dashboard: up to 40
   * letters, digits, `-` and `_`. Default: made from the title.
   */
  readonly uid?: string | undefined;
  /** Tags, by which Grafana finds dashboards. Default: `barograph`. */
  readonly tags?: readonly string[] | undefined;
  /** The job that is selected at first. Default: all jobs. */
  readonly job?: string | undefined;
  /**
   * How the server escapes names that are not classic: `allow-utf-8` for
   * Prometheus 3, `underscores` for 2. Default: `allow-utf-8`.
   */
  readonly escaping?: EscapingScheme | undefined;
  /** The buckets of histograms that are only described. Default: `classic`. */
  readonly histograms?: Buckets | undefined;
  /** Time between two refreshes, such as `10s`. Default: `30s`. */
  readonly refresh?: string | undefined;
}

const ACTION = "Cannot generate a dashboard";

const DURATION = /^[1-9][0-9]*[smhd]$/;

const SCHEMA = {
  title: rule<string>(
    (value) => typeof value === "string" && value.trim() !== "",
    'a title, such as "Shop"',
    "Service",
  ),
  uid: rule<string>(
    (value) => typeof value === "string" && /^[\w-]{1,40}$/.test(value),
    'up to 40 letters, digits, "-" and "_", such as "shop"',
  ),
  tags: rule<readonly string[]>(
    (value) =>
      Array.isArray(value) && value.every((tag) => typeof tag === "string"),
    'a list of words, such as ["shop"]',
    ["barograph"],
  ),
  job: text("shop"),
  escaping: ESCAPING,
  histograms: BUCKETS,
  refresh: rule<string>(
    (value) => typeof value === "string" && DURATION.test(value),
    'a duration, such as "30s"',
    "30s",
  ),
} satisfies SchemaOf<DashboardOptions>;

/** Conditions on the variables of the dashboard. */
const SELECTED = 'job=~"$job",instance=~"$instance"';

/**
 * Returns a dashboard for Grafana 10 and later with a panel for every family: a
 * row each for HTTP requests, HTTP calls, every subsystem (the first word of
 * names), the process and its runtime, the fleet, and the telemetry about itself.
 *
 * The result is plain JSON, the same for the same families. Histograms of
 * sources other than registries are collected once, to find out their buckets.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { grafanaDashboard } from "@barograph/barograph/dashboard/generate";
 *
 * const registry = createRegistry();
 * registry.counter({ name: "shop_orders_total", help: "Orders accepted." });
 * const dashboard = grafanaDashboard(registry, { title: "Shop" });
 * console.log(JSON.stringify(dashboard, undefined, 2));
 * ```
 *
 * @throws {TypeError} If `described` has no families, or an option is wrong.
 */
export function grafanaDashboard(
  described: Described,
  options: DashboardOptions = {},
): GrafanaDashboard {
  const read = readOptions(ACTION, SCHEMA, options);
  const { title, uid = uidOf(title), tags, job, refresh } = read;
  const families = familiesOf(ACTION, described, read.histograms);
  if (families.length === 0) {
    throw new TypeError(
      `${ACTION}: there are no families; declare metrics first`,
    );
  }
  const promql = new PromQL(read.escaping, SELECTED, "$__rate_interval");
  return {
    uid,
    title,
    description: `Generated from the metrics of ${title} by Barograph.`,
    tags: [...tags],
    timezone: "browser",
    editable: false,
    graphTooltip: 1,
    schemaVersion: 39,
    version: 1,
    refresh,
    time: { from: "now-1h", to: "now" },
    annotations: { list: [] },
    links: [],
    templating: { list: variables(read.escaping, families, job) },
    panels: placed(rowsOf(promql, families)),
  };
}

function rowsOf(promql: PromQL, families: readonly QueriedFamily[]): Row[] {
  const requests = requestsIn(families);
  const shown = new Set(requests.flatMap(familiesIn));
  const take = (pattern: RegExp): QueriedFamily[] => {
    const found = families.filter((family) =>
      pattern.test(family.name) && !shown.has(family)
    );
    for (const family of found) shown.add(family);
    return found;
  };
  const runtime = take(RUNTIME_FAMILY);
  const fleet = take(FLEET_FAMILY);
  const own = take(OWN_FAMILY);
  return [
    ...requests.map((metrics, index) =>
      requestRow(
        promql,
        metrics,
        requests.slice(0, index).some(({ side, prefix }) =>
          side === metrics.side && prefix === metrics.prefix
        ),
      )
    ),
    ...subsystemRows(promql, families.filter((family) => !shown.has(family))),
    runtimeRow(promql, runtime),
    fleetRow(promql, fleet),
    telemetryRow(promql, own),
  ].filter((row) => row !== undefined);
}

/** Returns a row per subsystem; those of one family share the last row. */
function subsystemRows(
  promql: PromQL,
  families: readonly QueriedFamily[],
): Row[] {
  const groups = new Map<string, QueriedFamily[]>();
  for (const family of families) {
    const subsystem = subsystemOf(family.name);
    const group = groups.get(subsystem);
    if (group === undefined) groups.set(subsystem, [family]);
    else group.push(family);
  }
  const row = (
    title: string,
    group: readonly QueriedFamily[],
    titled: (family: QueriedFamily) => string,
  ): Row => ({
    title,
    isCollapsed: false,
    panels: group.flatMap((family) => panelsOf(promql, family, titled(family))),
  });
  const others = [...groups.values()].filter(({ length }) => length === 1)
    .flat();
  return [
    ...[...groups].filter(([, { length }]) => length > 1)
      .map(([subsystem, group]) => row(subsystem, group, shortTitleOf)),
    ...others.length === 0 ? [] : [row("Others", others, titleOf)],
  ];
}

function variables(
  escaping: EscapingScheme,
  families: readonly QueriedFamily[],
  job: string | undefined,
): GrafanaVariable[] {
  const sample = sampleOf(families);
  const values = (target: string, label: string): string => {
    const series = new PromQL(escaping, target, "").select(sample);
    return `label_values(${series}, ${label})`;
  };
  const chosen = job === undefined
    ? { selected: true, text: ["All"], value: ["$__all"] }
    : { selected: true, text: [job], value: [job] };
  const query = (
    name: string,
    label: string,
    query: string,
    current: NonNullable<GrafanaVariable["current"]>,
  ): GrafanaVariable => ({
    type: "query",
    name,
    label,
    datasource: DATA_SOURCE,
    query,
    current,
    hide: 0,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".+",
  });
  return [
    {
      type: "datasource",
      name: "datasource",
      label: "Data source",
      query: "prometheus",
      hide: 0,
      refresh: 1,
      sort: 0,
      multi: false,
      includeAll: false,
    },
    query("job", "Job", values("", "job"), chosen),
    query("instance", "Instance", values('job=~"$job"', "instance"), {
      selected: true,
      text: ["All"],
      value: ["$__all"],
    }),
  ];
}

/** Series that every target with runtime metrics has. */
const ALWAYS: readonly string[] = [
  "process_start_time_seconds",
  "process_uptime_seconds",
];

/** Returns the name of a sample that a target is likely to have from its start. */
function sampleOf(families: readonly QueriedFamily[]): string {
  const numbers = families.filter(({ type }) =>
    !/histogram|summary/.test(type)
  );
  const found = numbers.find(({ name }) => ALWAYS.includes(name)) ??
    numbers.find(({ labelNames }) => labelNames.length === 0) ??
    numbers[0];
  if (found !== undefined) return found.name;
  const first = families[0]!;
  const isNative = first.type === "histogram" && first.buckets === "native";
  return isNative ? first.name : `${first.name}_count`;
}
