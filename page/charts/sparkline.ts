/** Word-sized charts: of a tile, of a row, and the evidence of a finding. */
import { attrs } from "../core/dom.ts";
import type { ChartGroup } from "./group.ts";
import { sharp, Surface } from "./surface.ts";
import type { Colour } from "./theme.ts";
import { fillArea, strokeLine } from "./time_chart.ts";
import {
  largestOf,
  leastOf,
  type Span,
  type Track,
  type Usual,
} from "./tracks.ts";

/** Contents of a sparkline. */
export interface SparkData {
  readonly track: Track;
  /** The time that is shown. */
  readonly span: Span;
  readonly colour: Colour;
  /** Fills the area down to zero. */
  readonly wash?: Colour;
  /** A band behind the line. */
  readonly usual?: Usual | null;
  /** A dashed vertical, such as the start of an incident. */
  readonly since?: number | null;
  /** Sentence for readers; empty if the words stand beside it. */
  readonly sentence?: string;
}

/** Space at the right for the dot at now. */
const DOT = 3;

/** A line from zero without axes, with a dot at now. */
export class Sparkline {
  readonly element: HTMLCanvasElement;
  readonly #surface: Surface;
  #drawn: readonly unknown[] = [];

  constructor(group: ChartGroup, height = 26) {
    this.#surface = new Surface(group, height);
    this.element = this.#surface.canvas;
    this.element.classList.add("spark");
  }

  /** Draws the line; of one that was never known, the base line alone. */
  draw(data: SparkData): void {
    const { track, span, usual, since, sentence = "" } = data;
    attrs(
      this.element,
      sentence === ""
        ? { "aria-hidden": "true" }
        : { role: "img", "aria-label": sentence },
    );
    const { theme, width, height } = this.#surface;
    const bottom = height - 2;
    const most = Math.max(largestOf([track], span), usual?.high ?? 0);
    const least = leastOf(track, span);
    const room = most - least || 1;
    const x = (time: number) =>
      (time - span.from) / (span.to - span.from) * (width - DOT - 1);
    const y = (value: number) =>
      bottom - (value - least) / room * (bottom - DOT - 1);
    if (this.#isSame(data, room, y)) return;
    const context = this.#surface.begin();
    if (context === null) return;
    if (usual) {
      context.fillStyle = theme.grid;
      const top = y(usual.high);
      const band = Math.max(1.5, y(usual.low) - top);
      context.fillRect(0, top, width - DOT - 1, band);
    }
    context.strokeStyle = theme.rule;
    context.beginPath();
    const base = sharp(y(0) + 1);
    context.moveTo(0, base);
    context.lineTo(width - DOT, base);
    context.stroke();
    if (since && since > span.from) {
      context.strokeStyle = theme[data.colour];
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(sharp(x(since)), 0);
      context.lineTo(sharp(x(since)), bottom);
      context.stroke();
      context.setLineDash([]);
    }
    context.save();
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    if (data.wash) {
      context.fillStyle = theme[data.wash];
      fillArea(context, track, x, y);
    }
    context.strokeStyle = theme[data.colour];
    context.lineWidth = 1.4;
    strokeLine(context, track, x, y);
    context.restore();
    this.#dot(context, data, x, y);
  }

  /** Whether the same was drawn before: columns grow by less than a pixel. */
  #isSame(
    { track, span, colour, usual, since }: SparkData,
    most: number,
    y: (value: number) => number,
  ): boolean {
    const { theme, width } = this.#surface;
    const { values, from, step } = track;
    // Both may have grown; earlier columns change only with the whole track.
    const [last, before] = [values.at(-1)!, values.at(-2)!].map((value) =>
      Math.round(2 * y(value))
    );
    const drawn = [
      width,
      from,
      step,
      values.length,
      last,
      before,
      span.from,
      span.to,
      colour,
      most,
      usual?.low,
      usual?.high,
      since,
      theme,
      values.at(0),
      values.at(-3),
    ];
    const isSame = drawn.every((each, i) => Object.is(each, this.#drawn[i]));
    this.#drawn = drawn;
    return isSame;
  }

  #dot(
    context: CanvasRenderingContext2D,
    { track, colour, span }: SparkData,
    x: (time: number) => number,
    y: (value: number) => number,
  ): void {
    const last = track.values.length - 1;
    const value = track.values[last] ?? NaN;
    // A line that has ended has no now.
    if (Number.isNaN(value)) return;
    const end = Math.min(span.to, track.from + (last + 1) * track.step);
    context.fillStyle = this.#surface.theme[colour];
    context.beginPath();
    context.arc(x(end), y(value), 2.2, 0, 2 * Math.PI);
    context.fill();
  }
}
