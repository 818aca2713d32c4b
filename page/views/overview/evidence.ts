/** The course that proves a finding. Pure; nothing here knows the document. */
import type {
  FamilyId,
  FamilyInfo,
  Finding,
  RoleLabels,
} from "../../../src/dashboard/protocol.ts";
import {
  columnStep,
  levelTrack,
  rateTrack,
  type Track,
} from "../../charts/tracks.ts";
import { Distribution } from "../../charts/buckets.ts";
import type { Axis, Series, Store } from "../../core/data.ts";
import { failuresOf, groupRequests } from "../../parts/requests.ts";
import { routeOf } from "../../parts/route_rows.ts";

/** Pixels of the chart of evidence, and of one of its columns. */
const WIDTH = 320;
const COLUMN = 3;

/** The part of the store that is read. */
export type EvidenceStore = Pick<
  Store,
  "axis" | "family" | "role" | "series"
>;

/** Returns the step of the columns of evidence. */
function evidenceStep(axis: Axis): number {
  return columnStep(axis, WIDTH, COLUMN);
}

/** Families with more series than this are not loaded for a chart of a word. */
const MOST_SERIES = 100;

/** Returns the families whose history proves findings, beside those with a role. */
export function evidenceFamilies(
  findings: readonly Finding[],
  store: Pick<EvidenceStore, "family">,
): FamilyId[] {
  const ids = new Set<FamilyId>();
  for (const { family, rule } of findings) {
    const info = family === null ? undefined : store.family(family);
    if (rule === "overflow" || info === undefined) continue;
    if (info.role === null && info.series <= MOST_SERIES) ids.add(info.id);
  }
  return [...ids];
}

/** Returns the family that proves a finding; undefined if it is not known. */
function familyOf(
  { family, rule }: Finding,
  store: EvidenceStore,
): FamilyInfo | undefined {
  if (rule === "failing" || rule === "slow") return store.role("requests");
  if (rule === "overflow") return store.role("overflows");
  return family === null ? undefined : store.family(family);
}

/** Returns the track of a finding; null if nothing of it is known. */
export function evidenceOf(
  finding: Finding,
  store: EvidenceStore,
  labels: RoleLabels,
): Track | null {
  const { axis } = store;
  const { above, rule } = finding;
  const step = evidenceStep(axis);
  const family = familyOf(finding, store);
  if (family === undefined) return null;
  let series: readonly Series[] = store.series(family.id);
  if (rule === "overflow") {
    const name = finding.family ?? "";
    series = series.filter(({ info }) => info.values.includes(name));
  }
  if (rule === "failing" || rule === "slow") {
    const route = routeOf(finding, labels);
    const group = groupRequests(series, family, labels)
      .find(({ key }) => key === route);
    if (group === undefined) return null;
    if (rule === "failing") return rateTrack(axis, failuresOf(group), step);
    const failed = new Set(group.failed);
    series = group.series.filter((each) => !failed.has(each));
  }
  if (series.length === 0) return null;
  if (above !== null) return aboveTrack(above, { axis, family, series, step });
  const values = series.map((each) => each.values);
  return family.type === "counter"
    ? rateTrack(axis, values, step)
    : levelTrack(axis, values, step);
}

/** Returns how many observations a second were above a bound. */
function aboveTrack(
  bound: number,
  of: Parameters<Distribution["update"]>[0],
): Track {
  const distribution = new Distribution();
  distribution.update(of);
  const { rows, counts, columns, totals, from, step } = distribution;
  const values = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    let above = 0;
    for (let row = 0; row < rows.length; row++) {
      // A bound and an edge of a native bucket may differ in the last digit.
      if (rows.edges[row]! < bound * (1 - 1e-9)) continue;
      above += counts[column * rows.length + row]!;
    }
    values[column] = Number.isNaN(totals[column]!) ? NaN : above / step;
  }
  return { from, step, values };
}
