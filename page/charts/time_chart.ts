/** Lines on ruled paper, with a pen at the end of each. */
import { brief, type Format, seconds, utc, words } from "../core/units.ts";
import type { ChartGroup } from "./group.ts";
import { Panel, type PanelData, type PanelOptions } from "./panel.ts";
import { paintPens, type PenEnd } from "./pens.ts";
import { type Scale, steadyScale } from "./scales.ts";
import type { Box } from "./surface.ts";
import type { DataTable } from "./table_view.ts";
import type { Colour } from "./theme.ts";
import type { Tip } from "./tip.ts";
import {
  endValue,
  largestOf,
  type Span,
  type Track,
  valueAt,
} from "./tracks.ts";
import { trackSentence } from "./words.ts";

/** A line of a chart. */
export interface Line {
  /** Name in the tooltip, the table and the sentence. */
  readonly name: string;
  readonly track: Track;
  readonly colour: Colour;
  /** Lengths of strokes and gaps. Default: solid. */
  readonly dash?: readonly number[];
  /** Width of the stroke. Default: 1.5 pixels. */
  readonly width?: number;
  /** Fills the area down to zero. */
  readonly wash?: Colour;
  /** Words at the pen for the last value. Without it the line has no pen. */
  readonly label?: (value: number) => string;
  /** Colour of those words. Default: that of text. */
  readonly ink?: Colour;
  /** More words at a time, after the value in the tooltip. */
  readonly more?: (time: number) => string;
  /** The least and the largest level of each column. */
  readonly band?: { readonly least: Track; readonly most: Track };
}

/** Contents of a time chart. */
export interface TimeData extends PanelData {
  readonly lines: readonly Line[];
  readonly format: Format;
  /** Another scale, such as a log scale. Default: linear, from zero. */
  readonly scale?: Scale;
}

/** Charts that are lower have fewer majors. */
const LOW = 90;

/** A chart of lines over time. */
export class TimeChart extends Panel<TimeData> {
  #scale: Scale | null = null;

  constructor(group: ChartGroup, options: PanelOptions) {
    super(group, options);
  }

  protected override paint(
    context: CanvasRenderingContext2D,
    box: Box,
    data: TimeData,
  ): void {
    const { theme } = this.surface;
    const span = this.span(data);
    const scale = this.#scaleOf(data, span, box);
    const x = this.xOf(box, span);
    const y = this.yOf(box, scale);
    this.rule(context, box, span, scale, data.format);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top - 4, box.width, box.height + 6);
    context.clip();
    for (const line of data.lines) {
      if (line.band) {
        context.fillStyle = theme[line.colour];
        context.globalAlpha = 0.16;
        fillBand(context, line.band.least, line.band.most, x, y);
        context.globalAlpha = 1;
      }
      if (line.wash) {
        context.fillStyle = theme[line.wash];
        fillArea(context, line.track, x, y);
      }
    }
    for (const line of data.lines) {
      context.strokeStyle = theme[line.colour];
      context.lineWidth = line.width ?? 1.5;
      context.setLineDash([...line.dash ?? []]);
      strokeLine(context, line.track, x, y);
    }
    context.setLineDash([]);
    context.lineWidth = 1;
    this.gaps(context, box, data);
    context.restore();
    this.notes(context, box, data);
    this.#pens(context, box, data, span, y);
  }

  #scaleOf(data: TimeData, span: Span, box: Box): Scale {
    if (data.scale !== undefined) return data.scale;
    const tracks = data.lines.flatMap(({ track, band }) =>
      band ? [track, band.most] : [track]
    );
    const most = largestOf(tracks, span);
    this.#scale = steadyScale(this.#scale, most, box.height < LOW ? 2 : 4);
    return this.#scale;
  }

  #pens(
    context: CanvasRenderingContext2D,
    box: Box,
    data: TimeData,
    span: Span,
    y: (value: number) => number,
  ): void {
    const ends: PenEnd[] = [];
    for (const { track, label, colour, ink } of data.lines) {
      const value = endValue(track, span);
      if (label === undefined || Number.isNaN(value)) continue;
      ends.push({
        y: y(value),
        text: label(value),
        colour,
        ink: ink ?? "text",
      });
    }
    paintPens(context, this.surface.theme, box, ends, this.group.pen);
  }

  protected override sentence({ lines, format }: TimeData): string {
    const [only] = lines;
    if (only === undefined) return "no data";
    // The name of the chart is said already.
    if (lines.length === 1) return trackSentence(only.track, format);
    return lines.map(({ name, track }) =>
      `${name} ${trackSentence(track, format)}`
    ).join("; ");
  }

  protected override table(data: TimeData): DataTable {
    const { lines, format } = data;
    const span = this.span(data);
    const step = Math.max(...lines.map(({ track }) => track.step), 1);
    const rows: string[][] = [];
    const last = Math.floor((span.to - 1e-6) / step) * step;
    for (let time = last; time >= span.from; time -= step) {
      rows.push([
        utc.seconds(time),
        ...lines.map(({ track }) => words(format(valueAt(track, time)))),
      ]);
    }
    return { head: ["Time (UTC)", ...lines.map(({ name }) => name)], rows };
  }

  protected override tip(data: TimeData, time: number): Tip {
    const step = this.step(data);
    const begin = Math.floor(time / step + 1e-9) * step;
    const rows = data.lines
      .map((line) => ({ line, value: valueAt(line.track, time) }))
      .filter(({ value }) => !Number.isNaN(value))
      .sort((a, b) => b.value - a.value)
      .map(({ line, value }) => ({
        name: line.name,
        value: words(data.format(value)),
        colour: line.colour,
        more: line.more?.(time) ?? "",
      }));
    return {
      title: utc.seconds(begin),
      note: words(brief(seconds(step))),
      rows,
      ...rows.length === 0 ? { foot: "no data" } : {},
    };
  }

  protected override step({ axis, lines }: TimeData): number {
    return lines[0]?.track.step ?? axis.step;
  }
}

type Place = (value: number) => number;

/** Calls `each` for every run of known values: first and end column. */
function runs(
  { values }: Track,
  each: (first: number, end: number) => void,
): void {
  let first = -1;
  for (let i = 0; i <= values.length; i++) {
    const isKnown = i < values.length && !Number.isNaN(values[i]!);
    if (isKnown && first < 0) first = i;
    if (isKnown || first < 0) continue;
    each(first, i);
    first = -1;
  }
}

/**
 * Traces a run: a value stands in the middle of its column, and the outermost
 * ones reach to the edge of theirs.
 */
function trace(
  context: CanvasRenderingContext2D,
  track: Track,
  first: number,
  end: number,
  x: Place,
  y: Place,
): void {
  const { from, step, values } = track;
  const column = (i: number) => from + i * step;
  context.lineTo(x(column(first)), y(values[first]!));
  for (let i = first; i < end; i++) {
    context.lineTo(x(column(i + 0.5)), y(values[i]!));
  }
  context.lineTo(x(column(end)), y(values[end - 1]!));
}

/** Strokes a line that is broken where there is no data. */
export function strokeLine(
  context: CanvasRenderingContext2D,
  track: Track,
  x: Place,
  y: Place,
): void {
  context.beginPath();
  runs(track, (first, end) => {
    const { from, step, values } = track;
    context.moveTo(x(from + first * step), y(values[first]!));
    trace(context, track, first, end, x, y);
  });
  context.stroke();
}

/** Fills the area between a line and zero. */
export function fillArea(
  context: CanvasRenderingContext2D,
  track: Track,
  x: Place,
  y: Place,
): void {
  const { from, step } = track;
  context.beginPath();
  runs(track, (first, end) => {
    context.moveTo(x(from + first * step), y(0));
    trace(context, track, first, end, x, y);
    context.lineTo(x(from + end * step), y(0));
    context.closePath();
  });
  context.fill();
}

function fillBand(
  context: CanvasRenderingContext2D,
  least: Track,
  most: Track,
  x: Place,
  y: Place,
): void {
  const { from, step } = most;
  context.beginPath();
  for (let i = 0; i < most.values.length; i++) {
    const top = y(most.values[i]!);
    const height = y(least.values[i]!) - top;
    if (!(height > 0)) continue;
    const left = x(from + i * step);
    context.rect(left, top, x(from + (i + 1) * step) - left, height);
  }
  context.fill();
}
