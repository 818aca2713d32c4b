/** The distribution of durations over time, its quantiles, and traces on it. */
import { el, setText, svg } from "../core/dom.ts";
import {
  brief,
  type Format,
  plain,
  seconds,
  utc,
  wholeNumber,
  words,
} from "../core/units.ts";
import { type Distribution, HEAT_STEPS } from "./buckets.ts";
import { Cells, OVER } from "./cells.ts";
import { Marks, type TraceMark } from "./marks.ts";
import { Panel, type PanelData } from "./panel.ts";
import { paintPens, type PenEnd } from "./pens.ts";
import { heatScale } from "./heat_scale.ts";
import { decadeScale, type Scale } from "./scales.ts";
import { bucketWords, quantileName, rangeWords } from "./words.ts";
import { type Box, widthOf } from "./surface.ts";
import type { DataTable } from "./table_view.ts";
import { strokeLine } from "./time_chart.ts";
import type { Tip, TipRow } from "./tip.ts";
import { endValue, lastOf, type Span } from "./tracks.ts";

/** Contents of a heat map. */
export interface HeatData extends PanelData {
  readonly distribution: Distribution;
  readonly format: Format;
  /** Plural of what is counted, such as `requests`. */
  readonly things: string;
  /** Traces; they are thinned here. */
  readonly marks?: readonly TraceMark[];
}

/** Dashes of the quantiles, from the lowest on. */
const DASHES: readonly (readonly number[])[] = [[], [5, 3], [1.5, 2.5]];

/** The legend of marks and colours. */
class Legend {
  readonly element = el("span", "heat-legend");
  readonly #things = el("span");
  readonly #most = el("span");
  readonly #traces = el("span", "heat-traces");

  constructor() {
    const ramp = el("span", "heat-ramp");
    for (let step = 1; step <= HEAT_STEPS; step++) {
      ramp.append(el("i", `h${step}`));
    }
    const diamond = stroke("mark", "M8 2.500 13.500 8 8 13.500 2.500 8Z");
    const cross = stroke("mark bad", "m3.500 3.500 9 9M12.500 3.500l-9 9");
    this.#traces.append(
      el("span", "", diamond, " trace"),
      el("span", "", cross, " failed trace"),
    );
    const colours = el("span", "dim", this.#things, " 1 ", ramp, this.#most);
    this.element.append(this.#traces, colours);
  }

  draw(things: string, largest: number, hasTraces: boolean): void {
    setText(this.#things, `${things} in a cell`);
    setText(this.#most, wholeNumber(largest));
    this.#traces.hidden = !hasTraces;
  }
}

function stroke(className: string, d: string): SVGSVGElement {
  return svg(className, [["path", {
    d,
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2",
  }]]);
}

/** A heat map on log paper. */
export class HeatMap extends Panel<HeatData> {
  readonly #legend = new Legend();
  readonly #cells = new Cells();
  readonly #marks = new Marks();
  #scale: Scale = decadeScale(0.001, 10);
  /** Called when a mark is opened. */
  onOpen: (mark: TraceMark) => void = () => {};

  /** The legend of marks and colours, for the heading. */
  get legend(): HTMLElement {
    return this.#legend.element;
  }

  protected override paint(
    context: CanvasRenderingContext2D,
    box: Box,
    data: HeatData,
  ): void {
    const { theme } = this.surface;
    const { distribution, format } = data;
    const span = this.span(data);
    const x = this.xOf(box, span);
    const scale = heatScale(distribution, format === seconds);
    this.#scale = scale;
    const y = this.yOf(box, scale);
    this.rule(context, box, span, scale, format);
    const largest = this.#cells.steadyLargest(
      distribution.largest(
        Math.max(0, distribution.columnAt(span.from)),
        Math.min(distribution.columns, distribution.columnAt(span.to)),
      ),
    );
    this.#legend.draw(data.things, largest, data.marks !== undefined);
    this.#cells.paint(
      context,
      this.surface,
      box,
      distribution,
      span,
      scale,
      largest,
    );
    this.#over(context, box, data);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top - OVER, box.width, box.height + OVER);
    context.clip();
    this.#lines(context, distribution, x, y);
    this.gaps(context, box, data);
    context.restore();
    this.notes(context, box, data);
    this.#marks.paint(context, theme, box, span, x, y, data.marks ?? []);
    this.#pens(context, box, data, y);
  }

  #over(
    context: CanvasRenderingContext2D,
    box: Box,
    { distribution: { rows }, format }: HeatData,
  ): void {
    if (!rows.hasOver) return;
    context.textAlign = "right";
    context.fillStyle = this.surface.theme.text3;
    const bound = rows.edges[rows.length - 1]!;
    const said = rangeWords(bound, Infinity, format);
    const room = box.left - 8;
    const isWide = widthOf(context, said) > room;
    const text = isWide ? said.replace("over", ">") : said;
    context.fillText(text, room, box.top - OVER / 2 - 1);
  }

  #lines(
    context: CanvasRenderingContext2D,
    distribution: Distribution,
    x: (time: number) => number,
    y: (value: number) => number,
  ): void {
    const { theme } = this.surface;
    for (let pass = 0; pass < 2; pass++) {
      distribution.qs.forEach((_, index) => {
        const width = index === 0 ? 1.7 : 1.5;
        context.strokeStyle = pass === 0 ? theme.sheet : theme.text;
        context.globalAlpha = pass === 0 ? 0.85 : 1;
        context.lineWidth = pass === 0 ? width + 2.5 : width;
        context.setLineDash(pass === 0 ? [] : [...DASHES[index] ?? []]);
        strokeLine(context, distribution.track(index), x, y);
      });
    }
    context.setLineDash([]);
    context.lineWidth = 1;
    context.globalAlpha = 1;
  }

  #pens(
    context: CanvasRenderingContext2D,
    box: Box,
    data: HeatData,
    y: (value: number) => number,
  ): void {
    const { distribution, format } = data;
    const span = this.span(data);
    const ends: PenEnd[] = [];
    distribution.qs.forEach((q, index) => {
      const value = endValue(distribution.track(index), span);
      if (Number.isNaN(value)) return;
      ends.push({
        y: y(value),
        text: `${quantileName(q)} ${words(format(value))}`,
        colour: "text",
        ink: "text",
      });
    });
    paintPens(context, this.surface.theme, box, ends, this.group.pen);
  }

  protected override sentence({ distribution, format }: HeatData): string {
    const quantiles = distribution.qs.map((q, index) => {
      const value = lastOf(distribution.track(index).values);
      return `${quantileName(q)} ${words(format(value))}`;
    });
    return quantiles.join(", ");
  }

  protected override table({ distribution, format }: HeatData): DataTable {
    const { qs, columns, totals } = distribution;
    const rows: string[][] = [];
    for (let column = columns - 1; column >= 0; column--) {
      const total = totals[column]!;
      rows.push([
        utc.seconds(distribution.timeOf(column)),
        words(plain(total)),
        ...qs.map((_, i) =>
          words(format(distribution.track(i).values[column]!))
        ),
      ]);
    }
    return { head: ["Time (UTC)", "Count", ...qs.map(quantileName)], rows };
  }

  protected override tip(
    data: HeatData,
    time: number,
    x: number | null,
    y: number | null,
  ): Tip {
    const mark = this.#marks.at(x, y);
    if (mark !== null) return mark.tip();
    const { distribution, format, things } = data;
    const column = distribution.columnAt(time);
    const rows: TipRow[] = [];
    const cell = y === null ? null : this.#cellAt(data, column, y);
    if (cell !== null) rows.push(cell);
    const back = Math.max(1, Math.round(30 / distribution.step));
    for (const q of [...distribution.qs].reverse()) {
      const found = distribution.quantile(q, column + 1 - back, column + 1);
      if (found === undefined) continue;
      rows.push({
        name: quantileName(q),
        value: words(format(found.value)),
        more: bucketWords(found.from, found.to, format),
      });
    }
    const total = distribution.totals[column] ?? NaN;
    return {
      title: utc.seconds(distribution.timeOf(column)),
      note: words(brief(seconds(distribution.step))),
      rows,
      foot: Number.isNaN(total) ? "no data" : `${wholeNumber(total)} ${things}`,
    };
  }

  #cellAt(data: HeatData, column: number, y: number): TipRow | null {
    const { rows, counts } = data.distribution;
    const box = this.box();
    const at = 1 - (y - box.top) / box.height;
    const value = at > 1 ? Infinity : this.#scale.invert(Math.max(0, at));
    let row = 0;
    while (row < rows.length - 1 && value > rows.edges[row + 1]!) row++;
    const count = counts[column * rows.length + row] ?? 0;
    if (!(count > 0)) return null;
    return {
      name: rangeWords(rows.edges[row]!, rows.edges[row + 1]!, data.format),
      value: wholeNumber(count),
      more: "in this cell",
    };
  }

  protected override open(
    time: number,
    x: number | null,
    y: number | null,
  ): boolean {
    const mark = x === null ? this.#marks.near(time) : this.#marks.at(x, y);
    if (mark !== null) this.onOpen(mark);
    return mark !== null;
  }

  protected override step({ distribution }: HeatData): number {
    return distribution.step;
  }

  protected override box(): Box {
    const box = super.box();
    // The row above the last bound lies in what is the margin elsewhere.
    const top = box.top + 6;
    return { ...box, top, height: box.height - 6 };
  }

  /** Returns the time that is drawn. */
  shown(data: HeatData): Span {
    return this.span(data);
  }
}
