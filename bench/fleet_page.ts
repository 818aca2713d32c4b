/** The tables, and the plot of `docs/fleet.md`. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { fill, madeOn, ROOT, tableOf } from "./markdown.ts";
import type { Setting } from "./save.ts";

/** The names of the other clients. */
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
  /** Processor milliseconds until a new member has answered its first scrape. */
  readonly join: number;
  /** Bytes that the fleet takes in a member. */
  readonly memory: number;
  /** Bytes of the primaries of clusters. */
  readonly primaries: readonly number[];
}

/** Nanoseconds of a call, without and with a fleet: medians of many rounds. */
export interface Recording {
  readonly call: string;
  readonly alone: number;
  readonly member: number;
  /** The median of how many times as long a round takes in a member. */
  readonly ratio: number;
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

/** The reports of the same bench on several runtimes. */
type Reports = readonly FleetReport[];

const NAMES = { deno: "Deno", bun: "Bun" } as const;

/** Returns the better figure of each rival: it runs beside each report. */
function rivalsOf(reports: Reports, row: number, step: number) {
  return RIVALS.map((_, i) => {
    const times = reports.map(({ rows }) => rows[row]?.steps[step]?.rivals[i])
      .filter((time) => typeof time === "number");
    return times.length > 0
      ? Math.min(...times)
      : reports[0]!.rows[row]?.steps[step]?.rivals[i];
  });
}

/** Returns the table of whole scrapes. */
export function scrapeTable(reports: Reports): string {
  const head = [
    "members",
    "changed",
    ...reports.map(({ runtime }) => NAMES[runtime]),
    ...RIVALS.map((name) => `\`${name}\``),
  ];
  const cells = reports[0]!.rows.flatMap(({ members, steps }, row) =>
    steps.map(({ percentage }, step) => [
      `${members}`,
      `${percentage} %`,
      ...reports.map(({ rows }) => ms(rows[row]?.steps[step]?.scrape)),
      ...rivalsOf(reports, row, step).map(ms),
    ])
  );
  return tableOf(head, cells);
}

/** Returns the table of the parts of a scrape, for the smallest and largest fleet. */
export function partTable(reports: Reports): string {
  const head = [
    "runtime",
    "members",
    "changed",
    "publish",
    "read all slots",
    "add up",
    "scrape",
  ];
  const cells = reports.flatMap(({ runtime, rows }) =>
    [...new Set([rows[0]!, rows.at(-1)!])].flatMap(({ members, steps }) =>
      steps.map(({ percentage, publish, read, fold, scrape }) => [
        NAMES[runtime],
        `${members}`,
        `${percentage} %`,
        ...[publish, read, fold, scrape].map(ms),
      ])
    )
  );
  return tableOf(head, cells);
}

/** Returns the table of what a member costs once. */
export function memberTable(reports: Reports): string {
  const names = reports.map(({ runtime }) => NAMES[runtime]);
  const head = [
    "members",
    ...names.map((name) => `joining, ${name}`),
    ...names.map((name) => `memory, ${name}`),
    ...RIVALS.map((name) => `primary of \`${name}\``),
  ];
  const cells = reports[0]!.rows.map(({ members, primaries }, row) => [
    `${members}`,
    ...reports.map(({ rows }) => ms(rows[row]?.join)),
    ...reports.map(({ rows }) => megabytes(rows[row]?.memory ?? 0)),
    ...primaries.map(megabytes),
  ]);
  return tableOf(head, cells);
}

/** Returns the table of calls that record. */
export function recordingTable(
  reports: readonly Pick<FleetReport, "runtime" | "recording">[],
): string {
  return tableOf(
    ["call", "runtime", "alone", "in a fleet", "in a fleet ÷ alone"],
    reports.flatMap(({ runtime, recording }) =>
      recording.map(({ call, alone, member, ratio }) => [
        call,
        NAMES[runtime],
        `${alone.toFixed(1)} ns`,
        `${member.toFixed(1)} ns`,
        ratio.toFixed(2),
      ])
    ),
  );
}

async function plot(reports: Reports): Promise<string> {
  const { rows, series } = reports[0]!;
  const values = rows.flatMap(({ members, steps }, row) =>
    steps.flatMap(({ percentage }, step) => {
      if (percentage !== 1 && percentage !== 100) return [];
      const line = percentage === 1 ? "lines" : "dashes";
      const changed = `${line}: ${percentage} % changed`;
      const ours = reports.map(({ runtime, rows }) => ({
        what: `barograph, ${NAMES[runtime]}`,
        ms: rows[row]?.steps[step]?.scrape,
      }));
      const theirs = rivalsOf(reports, row, step).map((ms, i) => ({
        what: RIVALS[i],
        ms,
      }));
      return [...ours, ...theirs].filter(({ ms }) => typeof ms === "number")
        .map((each) => ({ ...each, members, changed }));
    })
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
      color: {
        field: "what",
        type: "nominal",
        title: null,
        sort: null,
        legend: { labelLimit: 0 },
      },
      strokeDash: {
        field: "changed",
        type: "nominal",
        title: null,
        sort: null,
        legend: { symbolSize: 0, labelLimit: 0 },
      },
    },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), {
    renderer: "none",
  });
  return await view.toSVG();
}

/** Returns the results of all runtimes that have been measured. */
function saved(): FleetReport[] {
  return ["deno", "bun"]
    .map((runtime) => `${ROOT}bench/results/fleet-${runtime}.json`)
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")));
}

/** Writes the section "Cost" of `docs/fleet.md`, and its plot. */
export async function writePage(): Promise<void> {
  const reports = saved();
  writeFileSync(`${ROOT}docs/fleet-scrape.svg`, `${await plot(reports)}\n`);
  const { node, machine } = reports[0]!;
  const runtimes = reports.map(({ runtime, version }) =>
    `${NAMES[runtime]} ${version}`
  );
  fill("docs/fleet.md", {
    "cost of scrapes": `${scrapeTable(reports)}\n\n` +
      `${runtimes.join(", ")}, Node ${node}. ${madeOn(machine)}`,
    "cost of the parts of a scrape": partTable(reports),
    "cost of members": memberTable(reports),
    "cost of recording": recordingTable(reports),
  });
}
