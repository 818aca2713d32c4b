/** The cells of heat maps: one pixel a cell off the screen, scaled row by row. */
import { type Distribution, HEAT_STEPS, heatStep } from "./buckets.ts";
import type { Scale } from "./scales.ts";
import { type Box, hatch, type Surface } from "./surface.ts";
import { heatColours } from "./theme.ts";
import type { Span } from "./tracks.ts";

/** Height of the row above the last bound. */
export const OVER = 12;

/** The largest cell is kept as the end of the colours while above this share. */
const STEADY = 0.7;

/**
 * The picture of a distribution. The image has one pixel for each cell; columns
 * on the screen are whole columns of it, so that nothing is computed by pixel.
 */
export class Cells {
  readonly #image = document.createElement("canvas");
  #largest = 0;

  /** Count of the darkest colour: steadier than the largest cell. */
  steadyLargest(largest: number): number {
    const isSteady = largest <= this.#largest &&
      largest >= this.#largest * STEADY;
    if (!isSteady) this.#largest = Math.max(1, largest);
    return this.#largest;
  }

  /** Draws the columns of a span; `largest` is the count of the darkest colour. */
  paint(
    context: CanvasRenderingContext2D,
    surface: Surface,
    box: Box,
    of: Distribution,
    span: Span,
    scale: Scale,
    largest: number,
  ): void {
    const { columns, rows } = of;
    if (columns === 0) return;
    this.#render(surface, of, largest);
    const { ratio } = surface;
    const snap = (at: number) => Math.round(at * ratio) / ratio;
    const x = (time: number) =>
      box.left + (time - span.from) / (span.to - span.from) * box.width;
    const left = x(of.from);
    const width = x(of.timeOf(columns)) - left;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top - OVER, box.width, box.height + OVER);
    context.clip();
    context.imageSmoothingEnabled = false;
    const y = (value: number) =>
      snap(box.top + box.height * (1 - scale.at(value)));
    for (let row = 0; row < rows.length; row++) {
      const isOver = rows.edges[row + 1] === Infinity;
      const bottom = y(rows.edges[row]!);
      const top = isOver ? bottom - OVER : y(rows.edges[row + 1]!);
      if (bottom <= top) continue;
      context.drawImage(
        this.#image,
        0,
        rows.length - 1 - row,
        columns,
        1,
        left,
        top,
        width,
        bottom - top,
      );
      if (!isOver) continue;
      hatch(context, surface.theme.grid2, {
        left: box.left,
        top,
        width: box.width,
        height: OVER,
      });
    }
    context.restore();
  }

  #render(surface: Surface, of: Distribution, largest: number): void {
    const { columns, rows, counts } = of;
    const image = this.#image;
    if (image.width !== columns) image.width = columns;
    if (image.height !== rows.length) image.height = rows.length;
    const context = image.getContext("2d");
    if (context === null) return;
    const colours = coloursOf(heatColours(surface.theme));
    const pixels = new ImageData(columns, rows.length);
    const data = new Uint32Array(pixels.data.buffer);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows.length; row++) {
        const count = counts[column * rows.length + row]!;
        if (count <= 0) continue;
        const at = (rows.length - 1 - row) * columns + column;
        data[at] = colours[heatStep(count, largest)]!;
      }
    }
    context.putImageData(pixels, 0, 0);
  }
}

let known: { readonly key: string; readonly colours: Uint32Array } | null =
  null;

/** Returns `#rrggbb` colours as pixels, opaque. */
function coloursOf(texts: readonly string[]): Uint32Array {
  const key = texts.join();
  if (known?.key === key) return known.colours;
  const bytes = new Uint8Array(HEAT_STEPS * 4);
  texts.forEach((text, i) => {
    const value = parseInt(text.slice(1), 16);
    bytes.set([value >> 16, value >> 8 & 255, value & 255, 255], i * 4);
  });
  // As bytes, so that the order of bytes of the machine does not matter.
  known = { key, colours: new Uint32Array(bytes.buffer) };
  return known.colours;
}
