/** What the rounds of the load test say: medians, and a table of them. */
import { median } from "./harness.ts";
import type { Offered } from "./load_generator.ts";
import type { Mode } from "./load_modes.ts";

/** One round; all times in seconds. */
export interface Round extends Offered {
  /** Of its core, by the server. */
  readonly busy: number;
  /** Of a core, by processes that are none of the test's; about. */
  readonly others: number;
  readonly rss: number;
  readonly scrape: number | undefined;
  readonly scrapes: readonly number[];
  readonly missed: number;
  readonly bytes: number;
}

/** A server and its rounds. */
export interface Measured {
  readonly mode: Mode;
  /** The round of the first scrape. */
  readonly first: Round;
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

/** What is said of one mode. Times are in seconds, medians of the rounds. */
export type Result = Readonly<Partial<Record<Figure, number>>> & {
  readonly name: string;
  readonly title: string;
  /** The p99 over that of the first mode; the target is 1.5. */
  readonly ratio: number;
  readonly first: {
    readonly scrape: number | undefined;
    readonly p99: number;
    readonly max: number;
  };
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

/** A round while it is new, for who watches. */
export function lineOf(mode: Mode, round: Round): string {
  const { p50, p99, max, busy, others } = round;
  const ms = [p50, p99, max].map((one) => (one * 1000).toFixed(2));
  const shares = [busy, others].map((one) => Math.round(one * 100));
  return `${mode.name}: ${ms.join(" / ")} ms, busy ${shares[0]} %, ` +
    `others ${shares[1]} %\n`;
}

/** The median over rounds; undefined if none has such a figure. */
function figureOf(
  rounds: readonly Round[],
  figure: Figure,
): number | undefined {
  const known = rounds.map((round) => round[figure])
    .filter((value) => value !== undefined);
  return known.length === 0 ? undefined : median(known);
}

/** What was measured, in figures; the first one is the base of the ratios. */
export function resultsOf(all: readonly Measured[]): Result[] {
  const p99Of = ({ rounds }: Measured) => figureOf(rounds, "p99") ?? NaN;
  return all.map((one) => {
    const { mode: { name, title }, first, rounds } = one;
    const figures = FIGURES.map((figure) =>
      [figure, figureOf(rounds, figure)] as const
    );
    return {
      name,
      title,
      ...Object.fromEntries(figures),
      ratio: p99Of(one) / p99Of(all[0]!),
      first: { scrape: first.scrapes[0], p99: first.p99, max: first.max },
      rounds,
    };
  });
}

function shown(value: number | undefined, scale = 1000, digits = 2): string {
  return value === undefined ? "" : (value * scale).toFixed(digits);
}

/** By title of the column: what stands in it. */
const COLUMNS: Readonly<Record<string, (one: Result) => string>> = {
  "server": ({ title }) => title,
  "p50 ms": ({ p50 }) => shown(p50),
  "p99 ms": ({ p99 }) => shown(p99),
  "p99.9 ms": ({ p999 }) => shown(p999),
  "max ms": ({ max }) => shown(max, 1000, 1),
  "p99 ratio": ({ ratio }) => shown(ratio, 1),
  "requests/s": ({ rate }) => shown(rate, 1, 0),
  "scrape ms": ({ scrape }) => shown(scrape, 1000, 0),
  "missed": ({ missed }) => shown(missed, 1, 0),
  "MB": ({ bytes }) => shown(bytes, 1e-6, 1),
  "busy %": ({ busy }) => shown(busy, 100, 0),
  "others %": ({ others }) => shown(others, 100, 0),
  "late ms": ({ late }) => shown(late),
  "first scrape ms": ({ first }) => shown(first.scrape, 1000, 0),
  "its max ms": ({ first }) => shown(first.max, 1000, 0),
};

/** A table in Markdown, a row a mode. */
export function tableOf(results: readonly Result[]): string {
  const columns = Object.values(COLUMNS);
  const lines = [
    Object.keys(COLUMNS),
    columns.map(() => "---"),
    ...results.map((one) => columns.map((column) => column(one))),
  ];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
