/** The words beside the crosshair. */
import { el } from "../core/dom.ts";
import type { Colour, Theme } from "./theme.ts";

/** A row of a tip. */
export interface TipRow {
  readonly name: string;
  readonly value: string;
  /** Colour of its line; without one there is no swatch. */
  readonly colour?: Colour;
  /** More words after the value. */
  readonly more?: string;
}

/** Words at a point of a chart. */
export interface Tip {
  readonly title: string;
  /** Beside the title, such as the width of the column. */
  readonly note?: string;
  readonly rows: readonly TipRow[];
  /** A last line, such as what a click does. */
  readonly foot?: string;
  /** Whether a click opens something. */
  readonly opens?: boolean;
}

/** Returns a tip as one text, for readers. */
export function tipText({ title, note = "", rows, foot = "" }: Tip): string {
  const lines = rows.map(({ name, value, more = "" }) =>
    [`${name} ${value}`.trim(), more].filter((each) => each !== "").join(", ")
  );
  return [
    [title, note].filter((each) => each !== "").join(", "),
    ...lines,
    foot,
  ]
    .filter((each) => each !== "")
    .join("; ");
}

/** Returns a tip as an element. */
export function tipOf({ title, note, rows, foot }: Tip, theme: Theme): Node {
  const tip = el("div", "tip", el("b", "", title));
  if (note) tip.append(" ", el("span", "dim", note));
  for (const { name, value, colour, more } of rows) {
    const row = el("div", "tip-row");
    if (colour !== undefined) {
      const swatch = el("i", "swatch");
      swatch.style.background = theme[colour];
      row.append(swatch);
    }
    row.append(name, " ", el("b", "", value));
    if (more) row.append(", ", el("span", "dim", more));
    tip.append(row);
  }
  if (foot) tip.append(el("div", "dim", foot));
  return tip;
}
