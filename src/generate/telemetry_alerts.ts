/** Alerts on the telemetry about itself: data that were lost, or never taken. */
import { type AlertInit, labelIn, type TestWorld } from "./alert.ts";
import type { QueriedFamily } from "./families.ts";
import { by, type Matcher, type PromQL } from "./promql.ts";

/** A counter that must not rise. */
interface Loss {
  readonly alert: string;
  readonly pattern: RegExp;
  readonly summary: string;
  readonly only?: readonly Matcher[];
  /** The labels of the series of a test. */
  readonly example?: Readonly<Record<string, string>>;
}

const LOSSES: readonly Loss[] = [
  {
    alert: "SeriesOverflow",
    pattern: /^barograph_series_overflows_total$/,
    summary: "has a family at its limit of series",
  },
  {
    alert: "ObservationsRejected",
    pattern: /^barograph_rejected_observations_total$/,
    summary: "rejects observations",
  },
  {
    alert: "SourceFailing",
    pattern: /^barograph_source_failures_total$/,
    summary: "leaves a source out of its metrics",
  },
  {
    alert: "ScrapesFailing",
    pattern: /^barograph_scrapes_total$/,
    summary: "does not answer scrapes",
    only: [{ label: "outcome", op: "=~", value: "failed|refused" }],
    example: { outcome: "failed" },
  },
  {
    alert: "TelemetryLost",
    pattern: /^barograph_(?:spans|logs|points)_(?:lost|rejected)_total$/,
    summary: "loses spans, log events or points on the way to a collector",
  },
  {
    alert: "TracingFailing",
    pattern: /^barograph_trace_failures_total$/,
    summary: "has a listener or sampler of spans that throws",
  },
  {
    alert: "FleetFailing",
    pattern: /^barograph_fleet_(?:publish|read)_failures_total$/,
    summary: "has a member whose numbers are missing in the total",
  },
];

/** The time in which a counter must not rise. */
const WINDOW = "15m";

/** Returns an alert for each counter of losses. */
export function telemetryAlerts(
  promql: PromQL,
  world: TestWorld,
  families: readonly QueriedFamily[],
): AlertInit[] {
  return LOSSES.flatMap((loss) =>
    families.filter(({ name, type }) =>
      type === "counter" && loss.pattern.test(name)
    ).map((family) => lossAlert(promql, world, family, loss))
  );
}

function lossAlert(
  promql: PromQL,
  world: TestWorld,
  { name, help, labelNames }: QueriedFamily,
  { alert, summary, only = [], example = {} }: Loss,
): AlertInit {
  const labels = ["job", ...labelNames.map((label) => promql.label(label))];
  const selected = promql.select(name, only);
  const sum = (expression: string) => `${by("sum", labels, expression)} > 0`;
  const which = labelNames.map((label) =>
    ` ${label}: ${labelIn(promql.labelName(label))}.`
  ).join("");
  const counter = (perMinute: number) => [
    world.counter(name, example, perMinute),
  ];
  return {
    alert,
    severity: "ticket",
    labels: { metric: name },
    // The first loss begins a series, which has no increase yet.
    expr: `${sum(`increase(${selected}[${WINDOW}])`)} or ` +
      sum(`(${selected} unless ${selected} offset ${WINDOW})`),
    holds: 0,
    summary: `{{ $labels.job }} ${summary}`,
    description: `${help}${which}`,
    firing: counter(1),
    quiet: counter(0),
  };
}
