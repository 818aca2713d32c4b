/** The rows of tables of requests. Pure; nothing here knows the document. */
import type {
  FamilyInfo,
  Finding,
  RoleLabels,
} from "../../src/dashboard/protocol.ts";
import type { Span } from "../charts/tracks.ts";
import type { Axis, Series } from "../core/data.ts";
import { utc } from "../core/units.ts";
import {
  figuresOf,
  lastWindow,
  type RequestFigures,
  type RequestGroup,
  routeKey,
  sampledSeconds,
  type Window,
  windowOf,
} from "./requests.ts";

/** A row: requests of a route in a window. */
export interface RouteRow {
  readonly group: RequestGroup;
  readonly figures: RequestFigures;
  /** Whether a finding says that it fails. */
  readonly isFailing: boolean;
}

/** Columns, their sampled seconds, and their name. */
export interface NamedWindow extends Window {
  readonly seconds: number;
  /** Such as `last minute`. */
  readonly name: string;
}

/** Figures are of the last minute: shorter ones jump, longer ones lag. */
export const MINUTE = 60;

/** Returns the window of figures: the selection, or the last minute. */
export function figureWindow(
  axis: Axis,
  series: readonly Series[],
  selection: Span | null,
): NamedWindow {
  const window = selection === null
    ? lastWindow(axis, MINUTE)
    : windowOf(axis, selection.from, selection.to);
  const name = selection === null
    ? "last minute"
    : `${utc.seconds(selection.from)} to ${utc.seconds(selection.to)}`;
  return { ...window, seconds: sampledSeconds(axis, window, series), name };
}

/** Returns a row for each route or called service. */
export function routeRows(
  groups: readonly RequestGroup[],
  family: FamilyInfo,
  window: NamedWindow,
  failing: ReadonlySet<string> = new Set(),
): RouteRow[] {
  return groups.map((group) => ({
    group,
    figures: figuresOf(group, family, window, window.seconds),
    isFailing: failing.has(group.key),
  }));
}

/** Names the route of a finding as the address has it; empty if it has none. */
export function routeOf(
  { subject }: Pick<Finding, "subject">,
  labels: RoleLabels,
): string {
  const valueOf = (label: string | null) =>
    label === null ? "" : subject[label] ?? "";
  return routeKey(valueOf(labels.method), valueOf(labels.route));
}

/** Returns the routes that fail now, by the findings. */
export function failingRoutes(
  findings: readonly Finding[],
  labels: RoleLabels,
): Set<string> {
  return new Set(
    findings
      .filter(({ rule, until }) => rule === "failing" && until === null)
      .map((finding) => routeOf(finding, labels)),
  );
}

/** The start of a failure on a time axis. */
export interface FailureNote {
  readonly time: number;
  readonly text: string;
  readonly colour: "bad";
}

/** Returns where failures of a route ("" for all) began, by the findings. */
export function failureNotes(
  findings: readonly Finding[],
  labels: RoleLabels,
  route: string,
): FailureNote[] {
  return findings
    .filter(({ rule }) => rule === "failing")
    .map((finding) => ({ ...finding, about: routeOf(finding, labels) }))
    .filter(({ about }) => route === "" || about === route)
    .map(({ about, since }) => ({
      time: since,
      text: about === "" ? "failures begin" : `${about} fails`,
      colour: "bad",
    }));
}
