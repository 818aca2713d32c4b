/** A canvas at device pixels, and the strokes that all charts use. */
import { el } from "../core/dom.ts";
import type { ChartGroup } from "./group.ts";
import type { Theme } from "./theme.ts";

const widths = new Map<string, number>();

/** Widths that are kept: labels are few, and measuring is slow. */
const MOST_WIDTHS = 500;

/** Returns the width of a label in the font of all charts. */
export function widthOf(
  context: CanvasRenderingContext2D,
  text: string,
): number {
  let width = widths.get(text);
  if (width === undefined) {
    if (widths.size >= MOST_WIDTHS) widths.clear();
    width = context.measureText(text).width;
    widths.set(text, width);
  }
  return width;
}

/** A canvas as wide as its place, and as high as it was made. */
export class Surface {
  readonly canvas = el("canvas", "chart-canvas");
  readonly group: ChartGroup;
  #height: number;
  #context: CanvasRenderingContext2D | null = null;
  #size = "";

  constructor(group: ChartGroup, height: number) {
    this.group = group;
    this.#height = height;
    this.canvas.style.height = `${height}px`;
    group.observe(this.canvas);
  }

  get width(): number {
    return this.group.widthOf(this.canvas);
  }

  get height(): number {
    return this.#height;
  }

  set height(height: number) {
    if (height === this.#height) return;
    this.#height = height;
    this.canvas.style.height = `${height}px`;
  }

  get theme(): Theme {
    return this.group.theme;
  }

  /** Device pixels of a pixel. */
  get ratio(): number {
    return devicePixelRatio || 1;
  }

  /** Returns a clear context; null while the canvas is not laid out. */
  begin(): CanvasRenderingContext2D | null {
    const { canvas, ratio, width } = this;
    if (width === 0) return null;
    const context = this.#context ??= canvas.getContext("2d");
    if (context === null) return null;
    const size = [width, this.#height, ratio, this.theme.sans].join();
    if (size === this.#size) {
      context.clearRect(0, 0, width, this.#height);
      return context;
    }
    // Setting a size clears the canvas and all of its state, which is slow.
    this.#size = size;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(this.#height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = `11px ${this.theme.sans}`;
    context.lineJoin = "round";
    context.textBaseline = "middle";
    return context;
  }
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Returns the middle of the pixel in which a line of one pixel is sharp. */
export function sharp(at: number): number {
  return Math.round(at - 0.5) + 0.5;
}

/** Draws vertical and horizontal lines in one stroke. */
export function rules(
  context: CanvasRenderingContext2D,
  colour: string,
  box: Box,
  xs: readonly number[],
  ys: readonly number[],
): void {
  context.strokeStyle = colour;
  context.beginPath();
  for (const x of xs) {
    context.moveTo(sharp(x), box.top);
    context.lineTo(sharp(x), box.top + box.height);
  }
  for (const y of ys) {
    context.moveTo(box.left, sharp(y));
    context.lineTo(box.left + box.width, sharp(y));
  }
  context.stroke();
}

/** Pixels between two lines of a hatching. */
const HATCH = 6;

/** Hatches a box. */
export function hatch(
  context: CanvasRenderingContext2D,
  colour: string,
  { left, top, width, height }: Box,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.beginPath();
  // Multiples of the distance: a hatching that moves keeps its lines.
  const first = Math.floor((left - height) / HATCH) * HATCH;
  for (let x = first; x < left + width; x += HATCH) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
  context.restore();
}

/** Writes words on a strip of the sheet, so that rules do not cross them. */
export function label(
  context: CanvasRenderingContext2D,
  theme: Theme,
  colour: string,
  text: string,
  left: number,
  top: number,
): void {
  context.textAlign = "left";
  context.fillStyle = theme.sheet;
  context.fillRect(left, top, widthOf(context, text) + 8, 16);
  context.fillStyle = colour;
  context.fillText(text, left + 4, top + 8.5);
}
