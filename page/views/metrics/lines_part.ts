/** The lines of a family: their chart, the table below, and the expression. */
import type { ChartGroup } from "../../charts/group.ts";
import { bucketWords } from "../../charts/words.ts";
import { decadeScale, type Scale, signedScale } from "../../charts/scales.ts";
import type { Colour } from "../../charts/theme.ts";
import { type Line as ChartLine, TimeChart } from "../../charts/time_chart.ts";
import type { App } from "../../core/app.ts";
import type { Axis } from "../../core/data.ts";
import { attrs, button, h, keyed, setText } from "../../core/dom.ts";
import {
  type Format,
  formatOf,
  rateOf,
  seconds,
  words,
} from "../../core/units.ts";
import type { FamilyModel, Line } from "./family_model.ts";
import { NOTHING } from "./labels.ts";
import { modeName, modesOf } from "./modes.ts";
import { foldOf } from "./promql.ts";
import { TablePart } from "./table_part.ts";

/** Dashes of the lines, by colour: colour is never alone. */
const DASHES: readonly (readonly number[])[] = [
  [3, 3],
  [],
  [7, 3],
  [2, 2],
  [8, 3, 2, 3],
  [],
  [5, 2, 1, 2, 1, 2],
];

/** The lines of a family. */
export class LinesPart {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #title = h("h2");
  readonly #note = h("span", { class: "note" });
  readonly #modes = h("div", {
    class: "choice",
    role: "group",
    "aria-label": "Shown",
  });
  readonly #chart: TimeChart;
  readonly #table: TablePart;

  constructor(app: App, charts: ChartGroup) {
    this.#app = app;
    this.#chart = new TimeChart(charts, { name: "Lines", height: 228 });
    this.#table = new TablePart(app);
    this.element = h(
      "div",
      { class: "metrics-lines" },
      h(
        "div",
        { class: "sheet-head" },
        this.#title,
        this.#note,
        h("span", { class: "end" }, this.#modes),
      ),
      this.#chart.element,
      this.#table.element,
    );
  }

  /** Draws everything. */
  update(model: FamilyModel, axis: Axis): void {
    this.#drawHead(model);
    const format = model.mode === "rate"
      ? rateOf(model.family.type === "counter" ? model.family.unit : "")
      : formatOf(model.family.unit);
    const scale = scaleOf(model);
    this.#chart.draw({
      axis,
      format,
      lines: model.lines.map((line) => chartLine(line, model, axis, format)),
      ...scale === null ? {} : { scale },
    });
    this.#table.update(model);
  }

  #drawHead(model: FamilyModel): void {
    setText(this.#title, titleOf(model));
    setText(this.#note, noteOf(model));
    const modes = modesOf(model.family);
    this.#modes.hidden = modes.length < 2;
    const { location } = this.#app;
    keyed(
      this.#modes,
      modes,
      modeName,
      (mode) =>
        button("", modeName(mode), () => {
          location.go({ rest: { ...location.now.rest, q: modeName(mode) } });
        }),
      (tab, mode) =>
        attrs(tab, { "aria-pressed": String(mode === model.mode) }),
    );
  }

  /** Takes the chart out of its group. */
  close(): void {
    this.#chart.close();
  }
}

function titleOf({ family, mode, by, lines }: FamilyModel): string {
  const split = by === NOTHING ? "" : ` by ${by}`;
  if (mode === "rate") {
    const what = family.type === "counter" ? "Rate" : "Observations a second";
    return what + split;
  }
  if (mode === "level") return `Level${split}`;
  if (family.type === "summary" && by === NOTHING) return "Quantiles";
  const isAll = by === NOTHING && lines.length > 0;
  return isAll ? `${modeName(mode)} of all` : `${modeName(mode)}${split}`;
}

function noteOf({ family, mode, window, lines }: FamilyModel): string {
  const isJoined = lines.some(({ part }) => part.series.length > 1);
  if (family.type === "summary" && mode !== "rate") {
    return isJoined
      ? "of this process only; the largest of the series"
      : "of this process only";
  }
  const span = words(seconds(window));
  if (mode === "rate") return `over ${span}`;
  if (mode !== "level") return `over ${span}, log scale`;
  if (!isJoined) return "";
  return { sum: "sum", avg: "average", max: "largest" }[foldOf(family)] +
    " of the series";
}

function chartLine(
  line: Line,
  model: FamilyModel,
  axis: Axis,
  format: Format,
): ChartLine {
  const { by, family, mode } = model;
  const { from, step } = axis;
  const { name, colour, values, least, most } = line;
  const isAlone = by === NOTHING && line.key === family.name;
  return {
    name,
    track: { from, step, values },
    colour: isAlone ? "ink" : `s${colour}` as Colour,
    dash: isAlone ? [] : DASHES[colour]!,
    ...isAlone && typeof mode !== "number" ? { wash: "inkWash" } : {},
    more: (time) => {
      const column = Math.floor((time - from) / step + 1e-9);
      return behind(line, column, model, axis);
    },
    width: colour === 0 ? 1.2 : 1.6,
    label: (value) => by === NOTHING ? words(format(value)) : name,
    ...least === undefined || most === undefined ? {} : {
      band: {
        least: { from, step, values: least },
        most: { from, step, values: most },
      },
    },
  };
}

/** Returns the total of a counter, or the bucket of a quantile, in words. */
function behind(
  line: Line,
  column: number,
  model: FamilyModel,
  axis: Axis,
): string {
  const { family, mode } = model;
  const format = formatOf(family.unit);
  if (family.type === "counter") {
    return `${words(format(model.totalAt(line, column)))} in all`;
  }
  if (family.type !== "histogram" || mode === "rate") return "";
  const quantile = model.quantileAt(line, column, axis);
  return quantile === undefined
    ? ""
    : bucketWords(quantile.from, quantile.to, format);
}

/**
 * Quantiles stand on log paper, of the decades in which they lie; levels below
 * zero on paper that begins there. Null: from zero.
 */
function scaleOf({ lines, mode }: FamilyModel): Scale | null {
  let low = Infinity;
  let high = -Infinity;
  const isLog = typeof mode === "number";
  for (const { values, least = values, most = values } of lines) {
    for (let i = 0; i < values.length; i++) {
      if (least[i]! < low && !(isLog && least[i]! <= 0)) low = least[i]!;
      if (most[i]! > high) high = most[i]!;
    }
  }
  if (isLog) return high > 0 ? decadeScale(low, high) : null;
  return low < 0 ? signedScale(low, high) : null;
}
