/** The table, and the plot of `docs/fleet.md`. */
import { writeFileSync } from "node:fs";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { fill, madeOn, ROOT, tableOf } from "./markdown.ts";
import type { Setting } from "./save.ts";

/** What others than a member are called. */
export const RIVALS = ["@prometheus-io/client", "prom-client"] as const;

/** Milliseconds after a percentage of the series of all members has changed. */
export interface Step {
  readonly percentage: number;
  /** A publish of one member. */
  readonly publish: number;
  /** Reading all slots, and adding them up. */
  readonly read: number;
  readonly fold: number;
  /** A whole scrape of one member. */
  readonly scrape: number;
  /** A whole scrape by the primary of a cluster; null: it gave up. */
  readonly rivals: readonly (number | null)[];
}

/** The figures of one number of members. */
export interface FleetRow {
  readonly members: number;
  readonly steps: readonly Step[];
  /** Bytes that the fleet takes in a member. */
  readonly memory: number;
  /** Bytes of the primaries of clusters. */
  readonly primaries: readonly number[];
}

/** Nanoseconds of a call, without and with a fleet. */
export interface Recording {
  readonly call: string;
  readonly alone: number;
  readonly member: number;
}

export interface FleetReport extends Setting {
  /** The version of Node that runs the clusters. */
  readonly node: string;
  readonly series: number;
  readonly rows: readonly FleetRow[];
  readonly recording: readonly Recording[];
}

function ms(value: number | null | undefined): string {
  if (value === undefined) return "";
  if (value === null) return "gives up";
  if (value < 0.1) return `${Math.round(1000 * value)} µs`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** Returns the table of publishes and scrapes. */
export function costTable({ rows }: FleetReport): string {
  const head = [
    "members",
    "changed",
    "publish",
    "read all slots",
    "add up",
    "scrape",
    ...RIVALS.map((name) => `\`${name}\``),
  ];
  const cells = rows.flatMap(({ members, steps }) =>
    steps.map((step) => [
      `${members}`,
      `${step.percentage} %`,
      ...[step.publish, step.read, step.fold, step.scrape].map(ms),
      ...step.rivals.map(ms),
    ])
  );
  return tableOf(head, cells);
}

/** Returns the table of memory. */
export function memoryTable({ rows }: FleetReport): string {
  const head = [
    "members",
    "what the fleet adds to each member",
    ...RIVALS.map((name) => `primary of \`${name}\``),
  ];
  return tableOf(
    head,
    rows.map(({ members, memory, primaries }) => [
      `${members}`,
      megabytes(memory),
      ...primaries.map(megabytes),
    ]),
  );
}

/** Returns the table of calls that record. */
export function recordingTable(
  { recording }: Pick<FleetReport, "recording">,
): string {
  return tableOf(
    ["call", "alone", "in a fleet"],
    recording.map(({ call, alone, member }) => [
      call,
      `${alone.toFixed(1)} ns`,
      `${member.toFixed(1)} ns`,
    ]),
  );
}

async function plot({ rows, series }: FleetReport): Promise<string> {
  const values = rows.flatMap(({ members, steps }) =>
    steps.filter(({ percentage }) => percentage > 0).flatMap(
      ({ percentage, scrape, rivals }) =>
        [scrape, ...rivals].map((ms, i) => ({
          members,
          ms,
          changed: `${percentage} % changed`,
          what: ["barograph", ...RIVALS][i],
        })).filter(({ ms }) => ms !== null),
    )
  );
  const spec: TopLevelSpec = {
    title: `A scrape of members with ${
      series.toLocaleString("en")
    } series each`,
    width: 560,
    height: 320,
    background: "white",
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "members",
        type: "quantitative",
        scale: { type: "log", base: 2 },
        axis: { title: "members", values: rows.map(({ members }) => members) },
      },
      y: {
        field: "ms",
        type: "quantitative",
        scale: { type: "log" },
        axis: { title: "milliseconds", format: "~g" },
      },
      color: { field: "what", type: "nominal", title: null, sort: null },
      strokeDash: {
        field: "changed",
        type: "nominal",
        title: null,
        sort: null,
      },
    },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), {
    renderer: "none",
  });
  return await view.toSVG();
}

/** Writes the section "Cost" of `docs/fleet.md`, and its plot. */
export async function writePage(report: FleetReport): Promise<void> {
  writeFileSync(`${ROOT}docs/fleet-scrape.svg`, `${await plot(report)}\n`);
  const { version, node, machine } = report;
  fill("docs/fleet.md", {
    "cost of scrapes":
      `${costTable(report)}\n\nDeno ${version}, Node ${node}. ` +
      madeOn(machine),
    "cost in memory": memoryTable(report),
    "cost of recording": recordingTable(report),
  });
}
