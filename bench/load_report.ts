/** Computes medians over the rounds of the load test, and formats a table. */
import { median } from "./harness.ts";
import type { Offered } from "./load_generator.ts";
import type { Mode } from "./load_modes.ts";

/** One round; all times in seconds. */
export interface Round extends Offered {
  /** Share of its core that the server used. */
  readonly busy: number;
  /** Share of a core that other processes used; an estimate. */
  readonly others: number;
  readonly rss: number;
  readonly scrape: number | undefined;
  readonly scrapes: readonly number[];
  readonly missed: number;
  readonly bytes: number;
}

/** The rounds of a server at one rate. */
export interface Measured {
  readonly mode: Mode;
  /** Requests per second that were sent. */
  readonly offered: number;
  readonly rounds: readonly Round[];
}

type Figure =
  | keyof Offered
  | "busy"
  | "others"
  | "rss"
  | "scrape"
  | "missed"
  | "bytes";

/** Figures of one mode: medians of the rounds; times are in seconds. */
export type Result = Readonly<Partial<Record<Figure, number>>> & {
  readonly name: string;
  readonly title: string;
  readonly offered: number;
  /** The p99 divided by the p99 of the first mode at this rate. */
  readonly ratio: number;
  readonly rounds: readonly Round[];
};

const FIGURES: readonly Figure[] = [
  "requests",
  "rate",
  "p50",
  "p99",
  "p999",
  "max",
  "late",
  "cpu",
  "busy",
  "others",
  "rss",
  "scrape",
  "missed",
  "bytes",
];

/** Returns a line of progress about one round. */
export function lineOf({ mode, offered }: Measured, round: Round): string {
  const { p50, p99, max, busy, others } = round;
  const ms = [p50, p99, max].map((seconds) => (seconds * 1000).toFixed(2));
  const shares = [busy, others].map((share) => Math.round(share * 100));
  return `${offered}/s ${mode.name}: ${ms.join(" / ")} ms, busy ${
    shares[0]
  } %, ` +
    `others ${shares[1]} %\n`;
}

/** Returns the median over rounds; undefined if none has this figure. */
function figureOf(
  rounds: readonly Round[],
  figure: Figure,
): number | undefined {
  const known = rounds.map((round) => round[figure])
    .filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}

/** Returns the figures of all modes at one rate. */
export function resultsOf(all: readonly Measured[]): Result[] {
  const p99Of = ({ rounds }: Measured) => figureOf(rounds, "p99") ?? NaN;
  return all.map((measured) => {
    const { mode: { name, title }, offered, rounds } = measured;
    const figures = FIGURES.map((figure) =>
      [figure, figureOf(rounds, figure)] as const
    );
    return {
      name,
      title,
      offered,
      ...Object.fromEntries(figures),
      ratio: p99Of(measured) / p99Of(all[0]!),
      rounds,
    };
  });
}

function display(value: number | undefined, scale = 1000, digits = 2): string {
  return value === undefined ? "" : (value * scale).toFixed(digits);
}

/** Columns of the table: cells by title. */
const COLUMNS: Readonly<Record<string, (result: Result) => string>> = {
  "requests/s": ({ offered }) => String(offered),
  "server": ({ title }) => title,
  "p50 ms": ({ p50 }) => display(p50),
  "p99 ms": ({ p99 }) => display(p99),
  "p99.9 ms": ({ p999 }) => display(p999),
  "max ms": ({ max }) => display(max, 1000, 1),
  "p99 ratio": ({ ratio }) => display(ratio, 1),
  "responses/s": ({ rate }) => display(rate, 1, 0),
  "scrape ms": ({ scrape }) => display(scrape, 1000, 0),
  "missed": ({ missed }) => display(missed, 1, 0),
  "MB": ({ bytes }) => display(bytes, 1e-6, 1),
  "busy %": ({ busy }) => display(busy, 100, 0),
  "others %": ({ others }) => display(others, 100, 0),
  "late ms": ({ late }) => display(late),
};

/** Returns a Markdown table with one row per rate and mode. */
export function tableOf(results: readonly Result[]): string {
  const columns = Object.values(COLUMNS);
  const lines = [
    Object.keys(COLUMNS),
    columns.map(() => "---"),
    ...results.map((result) => columns.map((column) => column(result))),
  ];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
