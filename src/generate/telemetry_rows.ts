/** The rows of a fleet, and of the telemetry about itself. */
import { panelsOf } from "./family_panels.ts";
import type { QueriedFamily } from "./families.ts";
import type { Row } from "./layout.ts";
import { type Panel, stat } from "./panels.ts";
import { by, type PromQL } from "./promql.ts";
import { descriptionOf, shortTitleOf } from "./words.ts";

/** The families of the telemetry about itself. */
export const OWN_FAMILY: RegExp = /^barograph_/;

/** The families of a fleet. */
export const FLEET_FAMILY: RegExp = /^barograph_fleet_/;

/** Counters of losses, which stay at zero in good order. */
export const LOSS: RegExp = new RegExp(
  `^barograph_(?:${
    [
      "series_overflows",
      "rejected_observations",
      "source_failures",
      "trace_failures",
      "(?:spans|logs|points)_(?:lost|rejected)",
      "events_missed",
      "span_changes_dropped",
      "fleet_(?:publish|read)_failures",
      "receiver_(?:rejected_points|delta_faults)",
    ].join("|")
  })_total$`,
);

/** Returns the row of a fleet; undefined without families. */
export function fleetRow(
  promql: PromQL,
  families: readonly QueriedFamily[],
): Row | undefined {
  return rowOf("Fleet", promql, families, false);
}

/** Returns the row of the telemetry about itself; undefined without families. */
export function telemetryRow(
  promql: PromQL,
  families: readonly QueriedFamily[],
): Row | undefined {
  return rowOf("Telemetry", promql, families, true);
}

/** Returns a row that begins with the losses as figures. */
function rowOf(
  title: string,
  promql: PromQL,
  families: readonly QueriedFamily[],
  isCollapsed: boolean,
): Row | undefined {
  if (families.length === 0) return undefined;
  const losses = families.filter(({ name }) => LOSS.test(name));
  return {
    title,
    isCollapsed,
    panels: [
      ...losses.map((family) => lossPanel(promql, family)),
      ...families.filter((family) => !losses.includes(family))
        .flatMap((family) => panelsOf(promql, family, shortTitleOf(family))),
    ],
  };
}

function lossPanel(promql: PromQL, family: QueriedFamily): Panel {
  const [label] = family.labelNames;
  const labels = label === undefined ? [] : [promql.label(label)];
  return stat({
    title: shortTitleOf(family),
    description: `Normally zero. ${descriptionOf(family)}`,
    unit: "short",
    queries: [{
      expr: by(
        "sum",
        labels,
        `increase(${promql.select(family.name)}[${promql.range}])`,
      ),
      legend: label === undefined ? "" : `{{${promql.labelName(label)}}}`,
    }],
  }, [{ value: 1e-9, color: "red" }]);
}
