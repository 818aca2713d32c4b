/** Traces on the paper: ◇ answered, ✕ failed, ○ on small charts. */
import type { Box } from "./surface.ts";
import type { Theme } from "./theme.ts";
import type { Tip } from "./tip.ts";
import { type Mark, MARK_SLOTS, type Span, thin } from "./tracks.ts";

/** A trace on a chart. */
export interface TraceMark extends Mark {
  readonly id: string;
  /** Words of the tooltip. */
  tip(): Tip;
}

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly mark: TraceMark;
}

/** Marks on narrow charts are at least this far apart. */
const WIDTH = 12;

/** Half of the area in which a mark is hit. */
const REACH = 12;

/** How marks are drawn. */
export interface MarkStyle {
  /** Draws all marks, small. Default: thinned, as ◇ and ✕. */
  readonly isSmall?: boolean;
}

/** The marks of one chart; it remembers where they lie. */
export class Marks {
  #placed: Placed[] = [];

  /** Draws the marks of a span. */
  paint(
    context: CanvasRenderingContext2D,
    theme: Theme,
    box: Box,
    span: Span,
    x: (time: number) => number,
    y: (value: number) => number,
    marks: readonly TraceMark[],
    { isSmall = false }: MarkStyle = {},
  ): void {
    const shown = isSmall
      ? marks.filter(({ time }) => time >= span.from && time <= span.to)
      : thin(marks, span, Math.min(MARK_SLOTS, box.width / WIDTH));
    const left = box.left + 4;
    const right = box.left + box.width - 2;
    this.#placed = shown.map((mark) => ({
      x: Math.min(right, Math.max(left, x(mark.time))),
      y: y(mark.value),
      mark,
    }));
    const fine = this.#placed.filter(({ mark }) => !mark.isFailed);
    const failed = this.#placed.filter(({ mark }) => mark.isFailed);
    if (isSmall) circles(context, theme, fine);
    else diamonds(context, theme, fine);
    crosses(context, theme, failed);
  }

  /** Returns the mark at a point; null if there is none. */
  at(x: number | null, y: number | null): TraceMark | null {
    if (x === null || y === null) return null;
    let best: TraceMark | null = null;
    let least = REACH;
    for (const { x: atX, y: atY, mark } of this.#placed) {
      const distance = Math.hypot(atX - x, atY - y);
      if (distance > least) continue;
      least = distance;
      best = mark;
    }
    return best;
  }

  /** Returns the mark nearest to a time. */
  near(time: number): TraceMark | null {
    let best: TraceMark | null = null;
    for (const { mark } of this.#placed) {
      const isNearer = best === null ||
        Math.abs(mark.time - time) < Math.abs(best.time - time);
      if (isNearer) best = mark;
    }
    return best;
  }
}

const HALF = 4.5;

function diamonds(
  context: CanvasRenderingContext2D,
  theme: Theme,
  placed: readonly Placed[],
): void {
  context.fillStyle = theme.sheet;
  context.strokeStyle = theme.text;
  context.lineWidth = 1.6;
  context.beginPath();
  for (const { x, y } of placed) {
    context.moveTo(x, y - HALF);
    context.lineTo(x + HALF, y);
    context.lineTo(x, y + HALF);
    context.lineTo(x - HALF, y);
    context.closePath();
  }
  context.fill();
  context.stroke();
  context.lineWidth = 1;
}

function circles(
  context: CanvasRenderingContext2D,
  theme: Theme,
  placed: readonly Placed[],
): void {
  context.strokeStyle = theme.text3;
  context.lineWidth = 1.2;
  context.beginPath();
  for (const { x, y } of placed) {
    context.moveTo(x + 2.2, y);
    context.arc(x, y, 2.2, 0, 2 * Math.PI);
  }
  context.stroke();
  context.lineWidth = 1;
}

function crosses(
  context: CanvasRenderingContext2D,
  theme: Theme,
  placed: readonly Placed[],
): void {
  const reach = 3.5;
  for (const [colour, width] of [[theme.sheet, 5], [theme.bad, 2]] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const { x, y } of placed) {
      context.moveTo(x - reach, y - reach);
      context.lineTo(x + reach, y + reach);
      context.moveTo(x + reach, y - reach);
      context.lineTo(x - reach, y + reach);
    }
    context.stroke();
  }
  context.lineWidth = 1;
}
