/** Draws the figures of a target into the lines of a terminal. */
import type { TerminalSize } from "../../platform/mod.ts";
import type { Distribution, Figure, Figures } from "./figures.ts";
import { column, figure, safe, sparkline, type Style } from "./text.ts";

/** The known facts about a target. */
export interface View {
  readonly target: string;
  /** The time of day. */
  readonly clock: string;
  /** Unix seconds. */
  readonly now: number;
  readonly interval: number;
  /** The reason why the target does not answer; undefined if it does. */
  readonly down: string | undefined;
  /** The last figures; undefined before the first answer. */
  readonly figures: Figures | undefined;
  /** Facts about the last scrape. */
  readonly scrape: { readonly bytes: number; readonly seconds: number };
  /** The last values of a family, the oldest first; empty without a history. */
  history(name: string): readonly (number | undefined)[];
}

/** A heading with its lines; a family takes one, and more if there is room. */
interface Section {
  readonly title: string;
  /** The headings of the columns at the right. */
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
}

/** A line, and the lines below it that are shown if there is room. */
interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  readonly history: readonly (number | undefined)[];
  readonly more: readonly { readonly name: string; readonly cell: string }[];
}

/** From this width on, sections stand in two columns. */
const TWO_COLUMNS = 140;

/** The width of a cell, and of the narrowest name. */
const CELL = 9;
const LEAST_NAME = 18;
/** The most values of a sparkline. */
export const MOST_SPARKLINE = 30;
const LEAST_SPARKLINE = 8;

/** Series below a family at most. */
const MAX_MORE = 3;

/** Returns the lines of a screen, each of at most the width of the terminal. */
export function screen(
  view: View,
  size: TerminalSize,
  style: Style,
): string[] {
  const { columns, rows } = size;
  const head = heading(view, columns, style);
  if (view.figures === undefined) return head.slice(0, rows);
  const sections = sectionsOf(view, view.figures);
  const height = rows - head.length;
  const span = `last ${figure(MOST_SPARKLINE * view.interval, "seconds")}`;
  if (columns < TWO_COLUMNS) {
    return [...head, ...drawn(sections, columns, height, span, style)].slice(
      0,
      rows,
    );
  }
  const half = Math.floor((columns - 3) / 2);
  const isLeft = ({ title }: Section) => /^(?:RATES|DIST)/.test(title);
  const left = drawn(sections.filter(isLeft), half, height, span, style);
  const right = drawn(
    sections.filter((one) => !isLeft(one)),
    half,
    height,
    span,
    style,
  );
  const lines = Array.from(
    { length: Math.max(left.length, right.length) },
    (_, i) => `${left[i] ?? " ".repeat(half)}   ${right[i] ?? ""}`,
  );
  return [...head, ...lines].slice(0, rows);
}

function heading(view: View, columns: number, style: Style): string[] {
  const { target, clock, now, interval, down, figures, scrape } = view;
  const end = ` every ${figure(interval, "seconds")}  ${clock}`;
  const isRoomy = columns >= end.length + 40;
  const title = column(
    `barograph top  ${target}`,
    columns - (isRoomy ? end.length : 0),
  );
  const facts = figures === undefined
    ? "waiting for the first answer"
    : factsText(figures, scrape, now, columns);
  return [
    style.bold(title) + (isRoomy ? style.dim(end) : ""),
    down === undefined
      ? column(facts, columns)
      : style.bad(column(down, columns)),
  ];
}

/** Returns as many facts as there is room for. */
function factsText(
  { process, sizes }: Figures,
  { bytes, seconds }: View["scrape"],
  now: number,
  columns: number,
): string {
  const { start, cpu, memory } = process;
  const series = sizes.reduce((total, { value }) => total + value, 0);
  return [
    ...start === undefined ? [] : [`up ${figure(now - start, "seconds")}`],
    ...cpu === undefined ? [] : [`cpu ${figure(cpu, "ratio")}`],
    ...memory === undefined ? [] : [`memory ${figure(memory, "bytes")}`],
    `${sizes.length} families`,
    `${series} samples`,
    `${figure(bytes, "bytes")} in ${figure(seconds, "seconds")}`,
  ].reduce((line, fact) => {
    const longer = line === "" ? fact : `${line} · ${fact}`;
    return longer.length <= columns ? longer : line;
  }, "");
}

/** Families of the runtime and of the telemetry come after those of the program. */
function rank({ name }: { readonly name: string }): number {
  if (/^barograph_/.test(name)) return 2;
  return /^(?:process|nodejs|deno|bun|v8js|go|python)_/.test(name) ? 1 : 0;
}

/** Orders by the mean of the history, so that lines do not jump; then by name. */
function ordered<T extends { readonly name: string }>(
  view: View,
  all: readonly T[],
  valueOf: (one: T) => number,
): T[] {
  const means = new Map(all.map((one) => {
    const known = view.history(one.name).filter((value) => value !== undefined);
    const total = known.reduce((sum, value) => sum + value, 0);
    return [one, known.length > 0 ? total / known.length : valueOf(one)];
  }));
  const weight = (one: T) => means.get(one) || 0;
  return [...all].sort((a, b) =>
    rank(a) - rank(b) || weight(b) - weight(a) || (a.name < b.name ? -1 : 1)
  );
}

function sectionsOf(view: View, figures: Figures): Section[] {
  const isActive = (one: { readonly name: string }, value: number) =>
    value > 0 || view.history(one.name).some((past) => (past ?? 0) > 0);
  const rates = figures.rates.filter((one) => isActive(one, one.value));
  const distributions = figures.distributions
    .filter((one) => isActive(one, one.rate));
  const idle = (all: readonly unknown[], active: readonly unknown[]) => {
    const count = all.length - active.length;
    return count === 0 ? "" : ` (${count} idle)`;
  };
  const moving = (one: Figure) =>
    new Set(view.history(one.name)).size > 1 ? 1 : 0;
  const levels = [...figures.levels].sort((a, b) =>
    rank(a) - rank(b) || moving(b) - moving(a) || (a.name < b.name ? -1 : 1)
  );
  return [
    {
      title: `RATES${idle(figures.rates, rates)}`,
      heads: ["per s"],
      rows: ordered(view, rates, ({ value }) => value)
        .map((one) => figureRow(view, one)),
    },
    {
      title: `DISTRIBUTIONS${idle(figures.distributions, distributions)}`,
      heads: ["per s", "p50", "p95", "p99"],
      rows: ordered(view, distributions, ({ rate }) => rate)
        .map((one) => distributionRow(view, one)),
    },
    {
      title: "LEVELS",
      heads: ["now"],
      rows: levels.map((one) => figureRow(view, one)),
    },
    {
      title: "LARGEST FAMILIES",
      heads: ["samples"],
      rows: [...figures.sizes]
        .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
        .map(({ name, value }) => ({
          name,
          cells: [figure(value, "count")],
          history: [],
          more: [],
        })),
    },
  ].filter(({ rows }) => rows.length > 0);
}

function figureRow(view: View, { name, unit, value, series }: Figure): Row {
  return {
    name,
    cells: [figure(value, unit)],
    history: view.history(name),
    more: series.length < 2 ? [] : series.slice(0, MAX_MORE)
      .filter(({ value }) => value !== 0)
      .map(({ labels, value }) => ({
        name: `  ${labels}`,
        cell: figure(value, unit),
      })),
  };
}

function distributionRow(
  view: View,
  { name, unit, rate, quantiles, mean }: Distribution,
): Row {
  const known = quantiles.some((value) => value !== undefined);
  return {
    name,
    cells: [
      figure(rate, "count"),
      // A summary, or a native histogram, has a mean at least.
      ...known || mean === undefined
        ? quantiles.map((value) => figure(value, unit))
        : [`~${figure(mean, unit)}`, "-", "-"],
    ],
    history: view.history(name),
    more: [],
  };
}

/** Returns the lines of sections: a blank one, a heading, and rows each. */
function drawn(
  sections: readonly Section[],
  width: number,
  height: number,
  span: string,
  style: Style,
): string[] {
  const shown = sections.slice(0, Math.max(1, Math.floor(height / 3)));
  const budgets = shares(
    shown.map(({ rows }) =>
      rows.reduce((total, { more }) => total + 1 + more.length, 0)
    ),
    height - 2 * shown.length,
  );
  return shown.flatMap((section, index) => [
    " ".repeat(width),
    ...sectionLines(section, width, budgets[index]!, span, style),
  ]);
}

/** Shares lines out: everyone gets the same, and what others do not need. */
function shares(needs: readonly number[], available: number): number[] {
  const given = needs.map(() => 0);
  let left = Math.max(0, available);
  for (;;) {
    const open = needs.flatMap((need, i) => need > given[i]! ? [i] : []);
    if (left <= 0 || open.length === 0) return given;
    const each = Math.max(1, Math.floor(left / open.length));
    for (const i of open) {
      const more = Math.min(each, needs[i]! - given[i]!, left);
      given[i]! += more;
      left -= more;
    }
  }
}

function sectionLines(
  { title, heads, rows }: Section,
  width: number,
  budget: number,
  span: string,
  style: Style,
): string[] {
  // A narrow terminal has room for some of the columns: the last ones stay.
  const room = Math.max(1, Math.floor((width - LEAST_NAME) / CELL));
  const skipped = heads.length > room
    ? [...heads.keys()].slice(1, 1 + heads.length - room)
    : [];
  const pick = (cells: readonly string[]) =>
    cells.filter((_, i) => !skipped.includes(i));
  const cell = Math.min(CELL, width);
  const cellsWidth = cell * pick(heads).length;
  const hasHistory = rows.some(({ history }) => history.length > 1);
  const spare = width - cellsWidth - 2 * LEAST_NAME;
  const spark = hasHistory && spare >= LEAST_SPARKLINE + 2
    ? Math.min(MOST_SPARKLINE, spare - 2)
    : 0;
  const nameWidth = width - cellsWidth - (spark > 0 ? spark + 2 : 0);
  const line = (name: string, cells: readonly string[]) =>
    column(name, nameWidth) +
    pick(cells).map((text) => column(text, cell, "right")).join("");
  const tail = (text: string) => spark > 0 ? `  ${text}` : "";
  const blank = " ".repeat(spark);
  const lines = [
    style.dim(line(title, heads) + tail(column(span, spark, "right"))),
  ];
  let extra = Math.max(0, budget - rows.length);
  for (const row of rows.slice(0, budget)) {
    lines.push(
      line(row.name, row.cells) +
        tail(style.ink(sparkline(row.history, spark))),
    );
    for (const { name, cell } of row.more.slice(0, extra)) {
      const cells = [cell, ...heads.slice(1).map(() => "")];
      lines.push(style.dim(line(safe(name), cells)) + tail(blank));
      extra--;
    }
  }
  return lines;
}
