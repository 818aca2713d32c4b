/** Sections about whole scrapes, of `docs/performance.md` and the README. */
import { madeOn, tableOf } from "./markdown.ts";
import type { Setting } from "./save.ts";
import {
  FAMILIES,
  msOf,
  PAUSE,
  ratioOf,
  type Row,
  type Subject,
  targetOf,
  verdictOf,
} from "./scrape_report.ts";

export type ScrapeReport = Setting & { readonly rows: readonly Row[] };

/** Reports with the names of their runtimes. */
type Reports = readonly {
  readonly name: string;
  readonly report: ScrapeReport;
}[];

type Figure = "wall" | "cpu";

/** A column of figures. */
interface Column {
  readonly title: string;
  readonly changed: Row["changed"];
  readonly figure: Figure;
}

const SHARES = [0, 1, 100] as const;

const COLUMNS: readonly Column[] = [
  { title: "first scrape", changed: "first", figure: "wall" },
  ...SHARES.map((changed) => ({
    title: `${changed} % changed`,
    changed,
    figure: "wall",
  } as const)),
  ...SHARES.map((changed) => ({
    title: `CPU, ${changed} %`,
    changed,
    figure: "cpu",
  } as const)),
];

/** The percentage that stands for all where one is enough. */
const USUAL = 1;

/** The columns of the README: those of time, and one of processor time. */
const README_COLUMNS = COLUMNS.filter(({ changed, figure }) =>
  figure === "wall" || changed === USUAL
);

/** The largest server in the README, by its counters. */
const README_SERIES = 100_000;

/** Returns all subjects that the reports have, each once, in their order. */
function subjectsOf(reports: Reports): Subject[] {
  const found = new Map<string, Subject>();
  for (const { report } of reports) {
    for (const { series, families, encoding, pause } of report.rows) {
      const subject = { series, families, encoding, pause };
      found.set(JSON.stringify(subject), subject);
    }
  }
  return [...found.values()];
}

function isMain({ families, encoding, pause }: Subject): boolean {
  return families === FAMILIES && encoding === "gzip" && pause === PAUSE;
}

function rowOf(
  { rows }: ScrapeReport,
  subject: Subject,
  changed: Row["changed"],
): Row | undefined {
  return rows.find((row) =>
    row.changed === changed && row.series === subject.series &&
    row.families === subject.families && row.encoding === subject.encoding &&
    row.pause === subject.pause
  );
}

function titleOf({ series, families, encoding, pause }: Subject): string {
  const parts = [series.toLocaleString("en")];
  if (families !== FAMILIES) parts.push(`${families} families`);
  if (encoding === "plain") parts.push("plain");
  if (pause !== PAUSE) parts.push(`every ${pause / 1000} s`);
  return parts.join(", ");
}

/** Returns our milliseconds and the ratio, which is bold if it is missed. */
function cellOf(row: Row | undefined, figure: Figure, marks: boolean): string {
  const { barograph, rival } = row?.figures ?? {};
  if (row === undefined || barograph === undefined || rival === undefined) {
    return "";
  }
  const ratio = rival[figure] / barograph[figure];
  const times = `${ratioOf(ratio)}×`;
  const isMissed = verdictOf(ratio, targetOf(row, figure)) === "missed";
  return `${msOf(barograph[figure])} ms, ` +
    (marks && isMissed ? `**${times}**` : times);
}

/**
 * Returns a table of subjects: a row for each runtime, and one of targets if
 * `marks` is true, which makes missed ones bold.
 */
function comparison(
  reports: Reports,
  subjects: readonly Subject[],
  columns: readonly Column[],
  marks: boolean,
): string {
  const rows = subjects.flatMap((subject) => {
    const rows = reports.map(({ name, report }) => [
      titleOf(subject),
      name,
      ...columns.map(({ changed, figure }) =>
        cellOf(rowOf(report, subject, changed), figure, marks)
      ),
    ]);
    const targets = columns.map(({ changed, figure }) =>
      targetOf({ ...subject, changed }, figure)
    );
    if (!marks || targets.every((target) => target === undefined)) return rows;
    const cells = targets.map((target) =>
      target === undefined ? "" : `${target}×`
    );
    return [...rows, [titleOf(subject), "target", ...cells]];
  });
  return tableOf(
    ["counters", "runtime", ...columns.map(({ title }) => title)],
    rows,
  );
}

/** Returns the table of the README. */
export function summaryOf(reports: Reports): string {
  const subjects = subjectsOf(reports)
    .filter((subject) => isMain(subject) && subject.series <= README_SERIES);
  return comparison(reports, subjects, README_COLUMNS, false) +
    `\n\n${madeOn(reports[0]!.report.machine)}`;
}

/** Returns the main table. */
function wholeScrapes(reports: Reports): string {
  const subjects = subjectsOf(reports).filter(isMain);
  return comparison(reports, subjects, COLUMNS, true) +
    `\n\n${madeOn(reports[0]!.report.machine)}`;
}

/** Returns the longest holds of the event loop, ours and those of the rival. */
function holds(reports: Reports): string {
  const columns = ["first", ...SHARES] as const;
  const rows = subjectsOf(reports).filter(isMain).flatMap((subject) =>
    reports.map(({ name, report }) => [
      titleOf(subject),
      name,
      ...columns.map((changed) => {
        const { barograph, rival } = rowOf(report, subject, changed)?.figures ??
          {};
        return `${msOf(barograph?.hold)} / ${msOf(rival?.hold)}`;
      }),
    ])
  );
  const titles = columns.map((changed) =>
    changed === "first" ? "first scrape" : `${changed} % changed`
  );
  return tableOf(["counters", "runtime", ...titles], rows);
}

/** Returns the figures of three libraries, where OpenTelemetry has some. */
function withOtel(reports: Reports): string {
  const rows = subjectsOf(reports).flatMap((subject) =>
    reports.flatMap(({ name, report }) => {
      const figures = rowOf(report, subject, USUAL)?.figures;
      if (figures?.opentelemetry === undefined) return [];
      const { barograph, rival, opentelemetry } = figures;
      const cells = (["wall", "cpu"] as const).flatMap((figure) =>
        [barograph, rival, opentelemetry].map((found) => msOf(found?.[figure]))
      );
      return [[titleOf(subject), name, ...cells]];
    })
  );
  const libraries = ["barograph", "released client", "OpenTelemetry"];
  return tableOf([
    "counters",
    "runtime",
    ...libraries,
    ...libraries.map((library) => `CPU, ${library}`),
  ], rows);
}

/** Returns all sections of `docs/performance.md` about whole scrapes, by mark. */
export function sectionsOf(reports: Reports): Record<string, string> {
  const others = subjectsOf(reports).filter((subject) => !isMain(subject));
  return {
    "whole scrapes": wholeScrapes(reports),
    "other scrapes": comparison(reports, others, COLUMNS, true),
    "holds of scrapes": holds(reports),
    "scrapes with OpenTelemetry": withOtel(reports),
  };
}
