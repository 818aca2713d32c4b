/** Results of the bench of whole scrapes: targets, and a table for a terminal. */
import type { Encoding } from "./scrape_client.ts";
import type { LibraryName } from "./scrape_server.ts";

/** Milliseconds of a scrape. */
export interface Figures {
  /** From the request to the last byte. */
  readonly wall: number;
  /** Processor time of all threads of the server. */
  readonly cpu: number;
  /** The longest time that the event loop of the server was held. */
  readonly hold: number | undefined;
}

/** The server, the series and the request of a row. */
export interface Subject {
  /** Counters; a tenth as many histograms come with them. */
  readonly series: number;
  /** All families together. */
  readonly families: number;
  readonly encoding: Encoding;
  /** Milliseconds between the changes and the scrape. */
  readonly pause: number;
}

export interface Row extends Subject {
  /** The first scrape of a process, or the percentage that changes. */
  readonly changed: "first" | number;
  readonly figures: Readonly<Partial<Record<LibraryName, Figures>>>;
}

/** Ratios to reach, theirs divided by ours, with gzip. */
interface Target {
  readonly first: number;
  /** By percentage. */
  readonly wall: Readonly<Record<number, number>>;
  readonly cpu: Readonly<Record<number, number>>;
}

const TARGETS: Readonly<Record<number, Target>> = {
  100: {
    first: 1.2,
    wall: { 0: 1, 1: 1, 100: 1 },
    cpu: { 0: 1, 1: 1, 100: 1 },
  },
  1_000: {
    first: 1.5,
    wall: { 0: 2.5, 1: 2.5, 100: 2 },
    cpu: { 0: 3, 1: 2.5, 100: 2 },
  },
  10_000: {
    first: 1.5,
    wall: { 0: 9, 1: 6, 100: 3.5 },
    cpu: { 0: 10, 1: 6, 100: 4 },
  },
  100_000: {
    first: 3,
    wall: { 0: 40, 1: 12, 100: 6 },
    cpu: { 0: 50, 1: 12, 100: 8 },
  },
  1_000_000: {
    first: 5,
    wall: { 0: 50, 1: 20, 100: 8 },
    cpu: { 0: 50, 1: 20, 100: 8 },
  },
};

/** Families of all rows but one. */
export const FAMILIES = 2;

/** Milliseconds between the changes and the scrape, in all rows but one. */
export const PAUSE = 60;

/** Returns the ratio that a row should reach; undefined if there is none. */
export function targetOf(
  { series, families, encoding, pause, changed }: Omit<Row, "figures">,
  figure: "wall" | "cpu",
): number | undefined {
  const isPlain = encoding === "plain" || families !== FAMILIES;
  if (isPlain || pause !== PAUSE) return undefined;
  const target = TARGETS[series];
  if (changed !== "first") return target?.[figure][changed];
  return figure === "wall" ? target?.first : undefined;
}

/** The part of a target that noise may take away. */
const NOISE = 0.1;

export type Verdict = "reached" | "nearly" | "missed";

export function verdictOf(ratio: number, target = 0): Verdict {
  if (ratio >= target) return "reached";
  return ratio >= target * (1 - NOISE) ? "nearly" : "missed";
}

/** Returns milliseconds with two significant digits or all whole ones. */
export function msOf(value: number | undefined): string {
  if (value === undefined) return "-";
  return value < 10 ? value.toFixed(1) : Math.round(value).toString();
}

export function ratioOf(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toString();
}

const MARKS: Readonly<Record<Verdict, string>> = {
  reached: "",
  nearly: "~",
  missed: "!",
};

/** Returns both figures, their ratio, and the target if it is missed. */
function comparison(row: Row, figure: "wall" | "cpu"): string {
  const { barograph, rival } = row.figures;
  const both = [barograph, rival].map((found) => msOf(found?.[figure]));
  if (barograph === undefined || rival === undefined) {
    return both.join(" / ").padStart(11).padEnd(22);
  }
  const target = targetOf(row, figure);
  const ratio = rival[figure] / barograph[figure];
  const verdict = verdictOf(ratio, target);
  const mark = verdict === "reached" ? "" : `${MARKS[verdict]}${target}`;
  return `${both.join(" / ").padStart(11)} ${ratioOf(ratio).padStart(4)} ` +
    mark.padEnd(5);
}

export const HEAD = [
  "changed",
  ...["wall ms", "CPU ms"].map((title) => `${title.padStart(11)} ratio     `),
  "hold ms".padStart(11),
].join(" ");

/** Returns the lines of a row: both clients, then all other libraries. */
export function linesOf(row: Row): string[] {
  const { changed, figures: { barograph, rival } } = row;
  const holds = [barograph, rival].map((found) => msOf(found?.hold));
  const first = [
    (typeof changed === "number" ? `${changed} %` : changed).padStart(7),
    comparison(row, "wall"),
    comparison(row, "cpu"),
    holds.join(" / ").padStart(11),
  ].join(" ");
  const others = Object.entries(row.figures)
    .filter(([name]) => name !== "barograph" && name !== "rival")
    .map(([name, { wall, cpu, hold }]) =>
      `      ${name}: ${msOf(wall)} ms, CPU ${msOf(cpu)}, hold ${msOf(hold)}`
    );
  return [first.trimEnd(), ...others];
}
