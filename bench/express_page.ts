/** Sections about the app of Express, of `docs/performance.md`. */
import type { Mode } from "./express_process.ts";
import { display, madeOn, tableOf } from "./markdown.ts";
import type { Setting } from "./save.ts";
import type { Encoding } from "./scrape_client.ts";
import type { Cost } from "./scrape_process.ts";

/** The cost of requests to an app. */
export interface RequestRow {
  readonly mode: Mode;
  /** Processor time for a request, in microseconds. */
  readonly cpu: number;
  /** The same, less that of the bare app. */
  readonly added: number;
  /** Requests per second, divided by those of the bare app. */
  readonly kept: number;
}

/** The cost of scrapes of two apps. */
export interface ScrapeRow {
  readonly counters: number;
  readonly encoding: Encoding;
  readonly scrape: "first" | "later";
  readonly figures: Readonly<Record<"barograph" | "rival", Cost>>;
}

export interface ExpressReport extends Pick<Setting, "machine" | "version"> {
  /** Versions of packages, by name. */
  readonly packages: Readonly<Record<string, string>>;
  readonly requests: readonly RequestRow[];
  readonly scrapes: readonly ScrapeRow[];
}

const TITLES: Readonly<Record<Mode, string>> = {
  bare: "no metrics",
  barograph: "barograph, metrics alone",
  tracing: "barograph, metrics and a span",
  rival: "express-prom-bundle",
};

function comparison(
  title: string,
  unit: string,
  ours: number,
  theirs: number,
): string[] {
  // On a busy machine, what is added can be less than what varies.
  const times = Math.min(ours, theirs) > 0
    ? `${(theirs / ours).toFixed(1)}×`
    : "";
  return [title, display(ours, unit), display(theirs, unit), times];
}

function requestOf({ requests }: ExpressReport, mode: Mode): RequestRow {
  return requests.find((row) => row.mode === mode)!;
}

function scrapesOf(
  rows: readonly ScrapeRow[],
  figure: keyof Cost,
): string[][] {
  return rows.map(({ counters, encoding, scrape, figures }) => {
    const what =
      `${scrape} scrape, ${counters.toLocaleString("en")} counters, ` +
      encoding;
    return comparison(
      figure === "wall" ? what : `processor time of a ${what}`,
      "ms",
      figures.barograph[figure],
      figures.rival[figure],
    );
  });
}

function comparisonOf(
  report: ExpressReport,
  scrapes: readonly string[][],
): string {
  const { packages } = report;
  const [ours, tracing, theirs] = (["barograph", "tracing", "rival"] as const)
    .map((mode) => requestOf(report, mode).added);
  const added = "processor time added to a request";
  return tableOf([
    `Express ${packages["express"]}, Node ${report.version}`,
    "barograph",
    `express-prom-bundle ${packages["express-prom-bundle"]}`,
    "theirs ÷ ours",
  ], [
    comparison(added, "µs", ours!, theirs!),
    comparison(`${added}, with a span of ours`, "µs", tracing!, theirs!),
    ...scrapes,
  ]);
}

/** Returns the tables of `docs/performance.md`, by the name of the section. */
export function expressSections(report: ExpressReport): Record<string, string> {
  const requests = report.requests.map(({ mode, cpu, added, kept }) => [
    TITLES[mode],
    display(cpu, "µs"),
    mode === "bare" ? "" : display(added, "µs"),
    `${Math.round(kept * 100)} %`,
  ]);
  const table = comparisonOf(report, [
    ...scrapesOf(report.scrapes, "wall"),
    ...scrapesOf(report.scrapes, "cpu"),
  ]);
  const head = ["app", "processor time", "added", "requests per second"];
  return {
    "requests to Express": tableOf(head, requests),
    "scrapes of Express": `${table}\n\n${madeOn(report.machine)}`,
  };
}
