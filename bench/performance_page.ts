/**
 * Writes the tables and plots of `docs/performance.md`, and the table of the
 * README, from the results of the benches in `bench/results/`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { median, type Result } from "./harness.ts";
import { display, fill, madeOn, ROOT, tableOf } from "./markdown.ts";
import type { Setting } from "./save.ts";
import { type ScrapeReport, sectionsOf, summaryOf } from "./scrape_page.ts";
import type { Sweep } from "./sweep.ts";

const RUNTIMES = [["deno", "Deno"], ["bun", "Bun"]] as const;

/**
 * Rows, most with a target: the figure of the released client divided by the one
 * of barograph.
 */
const TARGETS: readonly (readonly [title: string, ratio?: number])[] = [
  ["`inc()` without labels"],
  ["bound `inc()`", 25],
  ["`with({3 labels}).inc()`, 180 label sets", 8],
  ["bound `observe()`, 11 buckets", 20],
  ["`with({3 labels}).observe()`, 180 label sets", 7],
  ["native `observe()`, 107 buckets, against their classic ones"],
  ["scrape, 100,000 counters, everything changed", 10],
  ["scrape, 10,000 histograms of 11 buckets, everything changed", 10],
  ["scrape, 100,000 series, 1 % changed at random places", 50],
  ["scrape, 1,000,000 series, 100 values changed", 300],
  ["scrape, 1,000,000 series, 1 % changed at random places", 30],
  ["longest block of the event loop, 1 % of 1,000,000 changed", 50],
  ["gzip scrape, 100,000 series, 1 % of the pages changed", 20],
  ["memory of a series, before the first scrape", 1 / 0.75],
  ["memory of a series, after the first scrape", 1 / 0.9],
];

/** Rows of the traces table; OpenTelemetry runs on Node in the last two. */
const TRACES: readonly string[] = [
  "a recorded span, start and end",
  "a span that is not sampled",
  "cost added to a request, nothing sampled",
  "cost added to a request, everything on",
];

type Report = Setting & { readonly results: readonly Result[] };

function read<R>(name: string): R {
  const file = new URL(`./results/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as R;
}

const REPORTS = RUNTIMES.map(([runtime]) => read<Report>(runtime));

/** Returns our figure on each runtime, and the rival's figure divided by ours. */
function compared(
  title: string,
): readonly (readonly [ours: string, ratio: number])[] {
  return REPORTS.map(({ runtime, results }) => {
    const found = results.find((result) => result.title === title);
    const ours = found?.figures.find(({ role }) => role === "barograph");
    if (found?.ratio === undefined || ours === undefined) {
      throw new Error(
        `Cannot write the tables: "${title}" is missing on ${runtime}`,
      );
    }
    return [display(ours.value, found.unit), found.ratio];
  });
}

function targets(): string {
  const rows = TARGETS.map(([title, target]) => {
    const cells = compared(title).flatMap(([ours, ratio]) => {
      const times = `${ratio.toFixed(1)}×`;
      return [ours, ratio >= (target ?? 0) ? times : `**${times}**`];
    });
    const aim = target === undefined ? "" : `${Number(target.toFixed(2))}×`;
    return [title, aim, ...cells];
  });
  const head = ["work", "target: theirs ÷ ours", ...headsOfRuntimes()];
  return `${tableOf(head, rows)}\n\n${madeOn(REPORTS[0]!.machine)}`;
}

/** Returns a table that compares `titles` with another library. */
function beside(others: string, titles: readonly string[]): string {
  const rows = titles.map((title) => {
    const cells = compared(title).flatMap(([ours, ratio]) => [
      ours,
      `${ratio.toFixed(ratio < 100 ? 1 : 0)}×`,
    ]);
    return [title, ...cells];
  });
  return tableOf([`against ${others}`, ...headsOfRuntimes()], rows);
}

function headsOfRuntimes(): string[] {
  return RUNTIMES.flatMap(([, name], i) => [
    `${name} ${REPORTS[i]!.version}`,
    "theirs ÷ ours",
  ]);
}

function sweep(runtime: string): string {
  const { shares, rows } = read<Sweep>(`sweep-${runtime}`);
  const cells = rows.map(({ size, kept, anew, theirs }) => [
    size.toLocaleString("en"),
    ...[...kept, anew, theirs].map((value) =>
      value < 10 ? value.toFixed(2) : Math.round(value).toString()
    ),
  ]);
  const head = [
    "series",
    ...shares.map((share) => `${share} %`),
    "without cache",
    "released client",
  ];
  return tableOf(head, cells);
}

interface Load extends Pick<Setting, "machine"> {
  readonly rounds: number;
  /** Seconds of a round. */
  readonly seconds: number;
  readonly results: readonly {
    readonly title: string;
    /** Requests per second. */
    readonly offered: number;
    readonly ratio: number;
    /** Seconds, like the figures below. */
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
    /** Share of a core that other processes used. */
    readonly others: number;
    readonly scrape?: number;
  }[];
}

/** Target: the p99 of a server divided by that of the one never scraped. */
const LOAD_RATIO = 1.5;

function load(runtime: string): string {
  const ms = (seconds: number | undefined): string =>
    seconds === undefined ? "" : display(1000 * seconds, "ms");
  const { machine, rounds, seconds, results } = read<Load>(`load-${runtime}`);
  const rows = results.map((result) => {
    const { title, offered, ratio, p50, p99, max, scrape } = result;
    const times = `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
    const isMissed = title.startsWith("barograph") && ratio > LOAD_RATIO;
    return [
      offered.toLocaleString("en"),
      title,
      ms(p50),
      ms(p99),
      isMissed ? `**${times}**` : times,
      ms(max),
      ms(scrape),
    ];
  });
  const head = [
    "requests per second",
    "server",
    "p50",
    "p99",
    "p99 ÷ never scraped",
    "max",
    "scrape",
  ];
  const others = median(results.map(({ others }) => others)).toFixed(1);
  const medians = `Medians of ${rounds} × ${seconds} s. Other processes used ` +
    `${others} cores.`;
  return `${tableOf(head, rows)}\n\n${medians} ${madeOn(machine)}`;
}

/** Returns an SVG plot of milliseconds by changed share, with logarithmic scales. */
async function plot(runtime: string, name: string): Promise<string> {
  const { shares, rows } = read<Sweep>(`sweep-${runtime}`);
  const [, smallest = 1] = shares;
  const values = rows.flatMap(({ size, kept, theirs }) =>
    shares.flatMap((share, i) => {
      const series = `${size.toLocaleString("en")} series`;
      const x = Math.max(share, smallest / 10); // zero has no logarithm
      return [
        { series, x, ms: kept[i], what: "barograph" },
        { series, x, ms: theirs, what: "@prometheus-io/client" },
      ];
    })
  );
  const spec: TopLevelSpec = {
    title: `A scrape on ${name}`,
    width: 560,
    height: 320,
    background: "white",
    data: { values },
    mark: { type: "line", point: true },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        scale: { type: "log" },
        axis: {
          title:
            "changed since the last scrape, in percent (leftmost: nothing)",
          format: "~g",
        },
      },
      y: {
        field: "ms",
        type: "quantitative",
        scale: { type: "log" },
        axis: { title: "milliseconds", format: "~g" },
      },
      color: { field: "series", type: "nominal", title: null, sort: null },
      strokeDash: { field: "what", type: "nominal", title: null, sort: null },
    },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), {
    renderer: "none",
  });
  return await view.toSVG();
}

const scrapes = RUNTIMES.map(([runtime, name]) => ({
  name,
  report: read<ScrapeReport>(`scrape-${runtime}`),
}));
const parts: Record<string, string> = {
  ...sectionsOf(scrapes),
  targets: targets(),
  traces: beside("OpenTelemetry 2.12", TRACES),
};
for (const [runtime, name] of RUNTIMES) {
  parts[`sweep on ${name}`] = sweep(runtime);
  parts[`load on ${name}`] = load(runtime);
  const svg = `${ROOT}docs/performance-${runtime}.svg`;
  writeFileSync(svg, `${await plot(runtime, name)}\n`);
}
fill("docs/performance.md", parts);
fill("README.md", { "whole scrapes": summaryOf(scrapes) });
