/** The rows of HTTP requests, served and sent: rate, errors, duration. */
import {
  distribution,
  legendOf,
  quantileName,
  QUANTILES,
} from "./family_panels.ts";
import { quantile, type QueriedFamily } from "./families.ts";
import { graph, type Panel, stat } from "./panels.ts";
import { by, type PromQL } from "./promql.ts";
import { errorRatio, type RequestFamilies, requestRate } from "./requests.ts";
import type { Row } from "./layout.ts";

/** Shares of failed requests from which on the figure is drawn in a colour. */
const ERROR_LIMITS = [
  { value: 0.01, color: "yellow" },
  { value: 0.05, color: "red" },
] as const;

/** The words for the requests of one side. */
const WORDS = {
  server: { row: "HTTP requests", all: "Requests", each: "route" },
  client: { row: "HTTP calls", all: "Calls", each: "host" },
} as const;

/**
 * Returns the row of a group of request metrics. It is collapsed if it shows the
 * requests of another row once more, under the other convention.
 */
export function requestRow(
  promql: PromQL,
  metrics: RequestFamilies,
  isRepeated: boolean,
): Row {
  const { side, prefix, convention } = metrics;
  const notes = [
    ...prefix === "" ? [] : [prefix.replace(/_$/, "")],
    ...convention === "semconv" ? ["semantic conventions"] : [],
  ];
  const note = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
  return {
    title: WORDS[side].row + note,
    isCollapsed: isRepeated,
    panels: [
      ...figures(promql, metrics),
      ...ratePanels(promql, metrics),
      ...durationPanels(promql, metrics),
      ...detailPanels(promql, metrics),
    ],
  };
}

/** Returns labels with the constant ones as source text, and their legend. */
function grouping(
  promql: PromQL,
  { constants }: RequestFamilies,
  ...own: readonly string[]
): { readonly labels: readonly string[]; readonly legend: string } {
  const all = [...own, ...constants];
  return {
    labels: all.map((label) => promql.label(label)),
    legend: legendOf(all.map((label) => promql.labelName(label))),
  };
}

function figures(promql: PromQL, metrics: RequestFamilies): Panel[] {
  const { side, duration, inFlight } = metrics;
  const { all } = WORDS[side];
  return [
    stat({
      title: `${all} per second`,
      description: `${all} of all instances that have ended, per second.`,
      unit: "reqps",
      queries: [{ expr: requestRate(promql, metrics, []) }],
    }),
    stat({
      title: "Failed",
      description: failureText(metrics),
      unit: "percentunit",
      queries: [{
        // Without a failure so far, there is no series of failures.
        expr: `${errorRatio(promql, metrics, [])} or ` +
          `0 * ${requestRate(promql, metrics, [])}`,
      }],
    }, ERROR_LIMITS),
    stat({
      title: "p99 duration",
      description: `99 of 100 take at most this long. ${duration.help}`,
      unit: "s",
      queries: [{ expr: quantile(promql, duration, 0.99, []) }],
    }),
    ...inFlight === undefined ? [] : [
      stat({
        title: "In flight",
        description: inFlight.help,
        unit: "short",
        queries: [{ expr: by("sum", [], promql.select(inFlight.name)) }],
      }),
    ],
  ];
}

function failureText({ side, failed }: RequestFamilies): string {
  const who = side === "server"
    ? "answered with a server error"
    : "answered with a server error, or not at all";
  return `Share ${who}: ${failed.label} matches ${failed.value}.`;
}

function ratePanels(promql: PromQL, metrics: RequestFamilies): Panel[] {
  const { side, route, status, requests, duration } = metrics;
  const { all, each } = WORDS[side];
  const byRoute = grouping(promql, metrics, route);
  const byStatus = grouping(promql, metrics, status);
  const { help } = requests ?? duration;
  return [
    graph({
      title: `${all} by ${each}`,
      description: `${all} per second. ${help}`,
      unit: "reqps",
      queries: [{
        expr: requestRate(promql, metrics, byRoute.labels),
        legend: byRoute.legend,
      }],
    }),
    graph({
      title: `${all} by outcome`,
      description: `${all} per second, by ${status}. ${help}`,
      unit: "reqps",
      queries: [{
        expr: requestRate(promql, metrics, byStatus.labels),
        legend: byStatus.legend,
      }],
    }, { stacked: true }),
    graph({
      title: `Failed by ${each}`,
      description: `${failureText(metrics)} Only those with failures are here.`,
      unit: "percentunit",
      queries: [{
        expr: errorRatio(promql, metrics, byRoute.labels),
        legend: byRoute.legend,
      }],
    }, { max: 1 }),
  ];
}

function durationPanels(promql: PromQL, metrics: RequestFamilies): Panel[] {
  const { side, route, duration } = metrics;
  const { labels, legend } = grouping(promql, metrics, route);
  return [
    graph({
      title: "Duration: quantiles",
      description: duration.help,
      unit: "s",
      queries: QUANTILES.map((q) => ({
        expr: quantile(promql, duration, q, []),
        legend: quantileName(q),
      })),
    }, { exemplars: true }),
    graph({
      title: `Duration: p99 by ${WORDS[side].each}`,
      description: duration.help,
      unit: "s",
      queries: [{ expr: quantile(promql, duration, 0.99, labels), legend }],
    }),
    distribution(promql, duration, "Duration: distribution"),
  ];
}

function detailPanels(promql: PromQL, metrics: RequestFamilies): Panel[] {
  const { inFlight, requestSize, responseSize } = metrics;
  const { labels, legend } = grouping(promql, metrics, metrics.method);
  const size = (title: string, family: QueriedFamily): Panel =>
    graph({
      title,
      description: family.help,
      unit: "bytes",
      queries: QUANTILES.map((q) => ({
        expr: quantile(promql, family, q, []),
        legend: quantileName(q),
      })),
    });
  return [
    ...inFlight === undefined ? [] : [
      graph({
        title: "In flight by method",
        description: inFlight.help,
        unit: "short",
        queries: [{
          expr: by("sum", labels, promql.select(inFlight.name)),
          legend,
        }],
      }, { stacked: true }),
    ],
    ...requestSize === undefined
      ? []
      : [size("Size of request bodies", requestSize)],
    ...responseSize === undefined
      ? []
      : [size("Size of response bodies", responseSize)],
  ];
}
