/** The pens at the right end of the lines, whose arms lead to their labels. */
import type { Pen } from "./group.ts";
import { spread } from "./scales.ts";
import type { Box } from "./surface.ts";
import type { Colour, Theme } from "./theme.ts";

/** The end of a line. */
export interface PenEnd {
  readonly y: number;
  readonly text: string;
  readonly colour: Colour;
  /** Colour of the text. */
  readonly ink: Colour;
}

/** Pixels between two labels. */
const LABEL = 15;

/** Space from the plot to the words. */
const ARM = 18;

/** Draws pens and labels; labels keep the order of the ends and never collide. */
export function paintPens(
  context: CanvasRenderingContext2D,
  theme: Theme,
  box: Box,
  ends: readonly PenEnd[],
  pen: Pen,
): void {
  const sorted = [...ends].sort((a, b) => a.y - b.y);
  const bottom = box.top + box.height;
  const places = spread(
    sorted.map(({ y }) => y),
    LABEL,
    box.top + 4,
    bottom - 2,
  );
  const x = box.left + box.width;
  const right = context.canvas.width / context.getTransform().a;
  context.textAlign = "left";
  context.lineWidth = 1.2;
  sorted.forEach(({ y, text, colour, ink }, i) => {
    const place = places[i]!;
    context.strokeStyle = theme[colour];
    context.fillStyle = pen === "live" ? theme[colour] : theme.sheet;
    context.setLineDash(pen === "away" ? [2, 2] : []);
    context.beginPath();
    context.moveTo(x + 7, y);
    context.lineTo(x + ARM - 4, place);
    context.stroke();
    context.beginPath();
    context.moveTo(x + 1, y);
    context.lineTo(x + 7.5, y - 3.2);
    context.lineTo(x + 7.5, y + 3.2);
    context.closePath();
    context.fill();
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = theme[ink];
    context.font = `600 11px ${theme.sans}`;
    const fitting = cutToFit(context, text, right - x - ARM);
    context.fillText(fitting, x + ARM, place + 0.5);
  });
  context.font = `11px ${theme.sans}`;
  context.lineWidth = 1;
}

/** Cuts a text to a width; the tooltip and the table have all of it. */
function cutToFit(
  context: CanvasRenderingContext2D,
  text: string,
  width: number,
): string {
  if (context.measureText(text).width <= width) return text;
  const letters = [...text];
  let kept = Math.min(letters.length, Math.floor(width / 4));
  const cut = () => `${letters.slice(0, kept).join("")}…`;
  while (kept > 1 && context.measureText(cut()).width > width) kept--;
  return cut();
}
