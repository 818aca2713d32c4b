/** The cells of a row of the waterfall: its name, and its bar with a label. */
import { attrs, h, setText } from "../../core/dom.ts";
import { seconds, words } from "../../core/units.ts";
import { barOf, labelOf, labelPlace } from "./bar.ts";
import type { Row } from "./rows.ts";
import type { Timeline } from "./timeline.ts";

/** Pixels before a name, and for each level. */
const START = 16;
const INDENT = 16;
const NARROW_START = 12;
const NARROW_INDENT = 9;
/** Deeper rows are indented no further. */
const MAX_DEPTH = 12;

/**
 * Returns the cells of a row. `colour` is the class of its service. A narrow row
 * has its label beside the name instead of the bar.
 */
export function rowCells(
  row: Row,
  axis: Timeline,
  isNarrow: boolean,
  colour: string,
): HTMLElement[] {
  const label = labelOf(row);
  const isBad = row.failed > 0;
  const name = h(
    "div",
    { class: "span-name" },
    h("i", { class: `span-tick ${colour}` }),
    h("span", { class: "mono cut" }, nameOf(row)),
    isNarrow
      ? h("em", { class: isBad ? "bad" : "" }, label)
      : h("em", { class: "cut" }, row.service),
  );
  const level = Math.min(row.depth, MAX_DEPTH);
  name.style.paddingLeft = isNarrow
    ? `${NARROW_START + NARROW_INDENT * level}px`
    : `${START + INDENT * level}px`;
  if (row.kind === "span") attrs(name, { title: row.span.name });
  const lane = h("div", { class: "span-lane" });
  const { x, width, parts } = barOf(row, axis);
  const bar = h("div", {
    class: `span-bar ${colour}${isBad ? " is-failed" : ""}`,
  });
  placed(bar, x, width);
  for (const [at, length] of parts) bar.append(placed(h("i"), at, length));
  lane.append(bar);
  if (label !== "" && !isNarrow) {
    const { side, x: at } = labelPlace(label, { x, width }, axis);
    const text = h("span", {
      class: `span-label label-${side}${isBad ? " bad" : ""}`,
    });
    setText(text, label);
    if (side === "left") text.style.right = `${axis.width - at}px`;
    else text.style.left = `${at}px`;
    lane.append(text);
  }
  return [name, lane];
}

function placed<E extends HTMLElement>(
  element: E,
  x: number,
  width: number,
): E {
  element.style.left = `${x}px`;
  element.style.width = `${width}px`;
  return element;
}

function nameOf(row: Row): string {
  if (row.kind === "missing") return "span not kept";
  if (row.kind === "span") {
    return row.isLate ? `↳ ${row.span.name}` : row.span.name;
  }
  const time = words(seconds(row.ms / 1000));
  return `${row.isOpen ? "▾" : "▸"} ${row.name} × ${row.spans.length}, ${time}`;
}
