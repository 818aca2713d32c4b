/**
 * The drawing of one family as data: its lines, their colours, and the expression
 * that says the same. Nothing here knows the document.
 */
import type { FamilyInfo, Hello } from "../../../src/dashboard/protocol.ts";
import type { Colours } from "../../core/colours.ts";
import type { Address, Axis, Series } from "../../core/data.ts";
import { type Quantile, quantileOf } from "../../core/quantiles.ts";
import {
  movingQuantiles,
  movingRate,
  windowColumns,
} from "../../core/windows.ts";
import { ColumnSums } from "./column_sums.ts";
import { levelNow, rateNow, sumNow, totalOf } from "./figures.ts";
import {
  defaultSplit,
  type LabelCount,
  labelCounts,
  linesOf,
  type Matcher,
  matching,
  NOTHING,
  type Part,
  ranked,
  routeMatchers,
  split,
} from "./labels.ts";
import { type Mode, modeAsked, modeName, shapeOf } from "./modes.ts";
import { foldOf, promql, WINDOWS } from "./promql.ts";

/** A line of the chart. */
export interface Line {
  /** Stable while the family is shown. */
  readonly key: string;
  readonly name: string;
  /** From 1 to 6; 0 for the others. */
  readonly colour: number;
  readonly part: Part;
  /** One value for each column of the axis; NaN: no data. */
  values: Float64Array;
  /** Least and largest level of a single gauge. */
  least?: Float64Array | undefined;
  most?: Float64Array | undefined;
}

/** A row of the table below the chart. */
export interface LineRow {
  readonly key: string;
  readonly name: string;
  /** Null: the row has no line, but is one of the others. */
  readonly colour: number | null;
  readonly part: Part;
}

/** Seconds after which the lines are chosen again. */
const SETTLED = 10;

/** Key of the line of the others. */
export const OTHERS = "\u0000others";

/** The drawing of one family as data. */
export class FamilyModel {
  readonly family: FamilyInfo;
  readonly #colours: Colours;

  by: string = NOTHING;
  mode: Mode = "level";
  /** Seconds over which rates and quantiles are taken. */
  window = 60;
  matchers: readonly Matcher[] = [];
  counts: readonly LabelCount[] = [];
  /** The series that match the chosen route. */
  series: readonly Series[] = [];
  lines: readonly Line[] = [];
  rows: readonly LineRow[] = [];
  /** The expression of the lines; null if there is none. */
  expression: string | null = null;

  /** A number in each column in which the family was sampled. */
  covered: Float64Array = new Float64Array();

  #all = new ColumnSums([], "sum");
  #sums = new Map<string, ColumnSums>();
  readonly #wholes = new Map<string, number>();
  #usual: string | undefined;
  #key = "";
  #first: Series | undefined;
  #last: Series | undefined;
  #chosenAt = -Infinity;

  constructor(family: FamilyInfo, colours: Colours) {
    this.family = family;
    this.#colours = colours;
  }

  /**
   * Brings everything up to date.
   *
   * @param isAll Whether older columns may have changed, too.
   */
  update(
    address: Address,
    axis: Axis,
    all: readonly Series[],
    hello: Hello | null,
    isAll: boolean,
  ): void {
    const { family } = this;
    this.counts = labelCounts(family, all);
    this.#wholes.clear();
    this.mode = modeAsked(family, address.rest["q"]);
    this.window = WINDOWS[address.range];
    this.matchers = routeMatchers(family, address.route, hello);
    this.series = matching(family, all, this.matchers);
    this.by = this.#splitOf(address.rest["by"], hello);
    const { by, mode, window, matchers } = this;
    this.expression = promql(family, { what: mode, by, window, matchers });
    const key = JSON.stringify([
      by,
      modeName(mode),
      window,
      address.route,
      this.series.length,
    ]);
    const [first] = this.series;
    const last = this.series.at(-1);
    if (isAll) this.#sums.clear();
    if (isAll || this.#all.series.length !== this.series.length) {
      this.#all = new ColumnSums([...this.series], "sum", true);
    }
    this.#all.update(axis);
    this.covered = this.#all.values;
    // A history that was loaded again has other objects for the same series.
    const isSame = key === this.#key && first === this.#first &&
      last === this.#last;
    if (!isSame || axis.to - this.#chosenAt >= SETTLED) {
      this.#key = key;
      this.#first = first;
      this.#last = last;
      this.#chosenAt = axis.to;
      this.#choose(axis);
    }
    if (shapeOf(family) === "lines") this.#draw(axis);
  }

  #splitOf(asked: string | undefined, hello: Hello | null): string {
    if (asked === NOTHING || this.family.labels.includes(asked ?? "")) {
      return asked!;
    }
    // Later values of a label must not exchange the chart.
    if (this.series.length > 0) {
      this.#usual ??= defaultSplit(this.family, this.counts, hello);
    }
    return this.#usual ?? NOTHING;
  }

  /** Chooses the lines: the largest parts now, and the others together. */
  #choose(axis: Axis): void {
    const parts = ranked(
      split(this.family, this.series, this.by),
      (part) => this.#weight(part, axis),
      (part) => totalOf(part.series),
    );
    const { lines, others, othersCount } = linesOf(parts);
    const keyOf = ({ value }: Part) =>
      this.by === NOTHING ? this.family.name : `${this.by}=${value}`;
    const colours = this.by === NOTHING
      ? new Map<string, number>()
      : this.#colours.of(lines.map(keyOf));
    const isSummary = this.family.type === "summary" && this.by === NOTHING &&
      this.mode !== "rate";
    const chosen: Line[] = lines.flatMap((part): Line[] =>
      isSummary ? this.#quantileLines(part) : [{
        key: keyOf(part),
        name: this.nameOf(part.value),
        colour: colours.get(keyOf(part)) ?? 1,
        part,
        values: new Float64Array(),
      }]
    );
    const rows: LineRow[] = chosen.map((line) => ({ ...line }));
    if (others !== null) {
      const name = othersCount === 1 ? "1 other" : `${othersCount} others`;
      const line = { key: OTHERS, name, colour: 0, part: others };
      chosen.push({ ...line, values: new Float64Array() });
      rows.push(line);
    }
    for (const part of parts.slice(lines.length)) {
      rows.push({
        key: keyOf(part),
        name: this.nameOf(part.value),
        colour: null,
        part,
      });
    }
    this.lines = chosen;
    this.rows = rows;
  }

  /** Lines of a summary that is not split: one for each of its quantiles. */
  #quantileLines(part: Part): Line[] {
    return (this.family.quantiles ?? []).map((q, index) => ({
      key: `quantile=${q}`,
      name: modeName(q),
      colour: index % 6 + 1,
      part,
      values: new Float64Array(),
    }));
  }

  /** Returns the name of a value of the label of the split. */
  nameOf(value: string): string {
    if (this.by === NOTHING) {
      return this.series.length === 1 ? "the one series" : "all series";
    }
    return value === "" ? `(no ${this.by})` : value;
  }

  /** Returns a figure of all series together; computed once an update. */
  whole(key: string, of: (part: Part) => number): number {
    let whole = this.#wholes.get(key);
    if (whole === undefined) {
      whole = of({ value: "", series: this.series });
      this.#wholes.set(key, whole);
    }
    return whole;
  }

  /** The larger, the sooner a part has a line. */
  #weight({ series }: Part, axis: Axis): number {
    const { family, window } = this;
    switch (family.type) {
      case "counter":
      case "summary":
        return rateNow(series, axis, window, this.covered);
      case "histogram":
        return this.mode === "rate"
          ? rateNow(series, axis, window, this.covered)
          : sumNow(series, axis, window);
      default:
        return Math.abs(levelNow(series, foldOf(family)));
    }
  }

  /** Returns what a counter had come to at the end of a column. */
  totalAt({ key, part }: Line, column: number): number {
    const growth = this.#sums.get(key)?.values ?? [];
    let total = totalOf(part.series);
    for (let i = column + 1; i < growth.length; i++) total -= growth[i]! || 0;
    return total;
  }

  /** Returns the quantile of a line with its bucket; undefined without one. */
  quantileAt({ key }: Line, column: number, axis: Axis): Quantile | undefined {
    const first = Math.max(0, column + 1 - windowColumns(axis, this.window));
    const counts = new Map<number, number>();
    for (const [bucket, columns] of this.#sums.get(key)?.buckets ?? []) {
      let count = 0;
      for (let i = first; i <= column; i++) count += columns[i] ?? 0;
      counts.set(bucket, count);
    }
    return quantileOf(this.family, counts, Number(this.mode));
  }

  #draw(axis: Axis): void {
    const kept = new Map<string, ColumnSums>();
    const { family, window, mode } = this;
    for (const line of this.lines) {
      const sums = this.#sumsOf(line, axis, kept);
      switch (family.type) {
        case "counter":
        case "histogram":
        case "summary":
          if (mode === "rate") {
            line.values = movingRate(sums.values, axis, window, this.covered);
          } else if (family.type === "summary") {
            const index = line.key.startsWith("quantile=")
              ? this.lines.indexOf(line)
              : (family.quantiles ?? []).indexOf(Number(mode));
            line.values = sums.quantiles[index] ?? new Float64Array();
          } else {
            line.values = movingQuantiles(
              family,
              sums.buckets,
              sums.values,
              [Number(mode)],
              axis,
              window,
            )[0]!;
          }
          break;
        default: {
          line.values = sums.values;
          // The least of a sum is not the sum of the least: one series only.
          const only = line.part.series.length === 1
            ? line.part.series[0]
            : undefined;
          line.least = only?.least;
          line.most = only?.most;
        }
      }
    }
    this.#sums = kept;
  }

  #sumsOf(
    line: Line,
    axis: Axis,
    kept: Map<string, ColumnSums>,
  ): ColumnSums {
    const { series } = line.part;
    const known = this.#sums.get(line.key);
    const isSame = known !== undefined &&
      known.series.length === series.length &&
      known.series.every((one, i) => one === series[i]);
    const sums = isSame ? known : new ColumnSums(series, foldOf(this.family));
    sums.update(axis);
    kept.set(line.key, sums);
    return sums;
  }
}
