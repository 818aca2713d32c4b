/** Columns of tables with one row for each route. */
import { attrs, el, setText } from "../core/dom.ts";
import { plain, rateOf, ratio, seconds, words } from "../core/units.ts";
import { RangeGlyph } from "../charts/range_glyph.ts";
import type { Scale } from "../charts/scales.ts";
import { glyph } from "./glyphs.ts";
import type { RequestFigures, RequestGroup } from "./requests.ts";
import type { RouteRow } from "./route_rows.ts";
import type { Column } from "./sort_table.ts";

/** The largest values of all rows, which fill their bars. */
export interface Largest {
  readonly rate: number;
  readonly errors: number;
  readonly busy: number;
}

/** Returns the largest values of rows. */
export function largestRow(rows: readonly RouteRow[]): Largest {
  const most = (of: (figures: RequestFigures) => number) =>
    rows.reduce(
      (largest, { figures }) => Math.max(largest, of(figures) || 0),
      0,
    );
  return {
    rate: most(({ rate }) => rate),
    // A bar of 1 % that fills its place would cry wolf.
    errors: Math.max(0.1, most(({ errors }) => errors)),
    busy: most(({ busy }) => busy),
  };
}

const perSecond = rateOf("");

/** Writes method and name: `GET /items`. */
export function writeRoute(
  place: HTMLElement,
  { key, method, name, isOverflow }: RequestGroup,
): void {
  if (place.dataset["key"] === key) return;
  place.dataset["key"] = key;
  const route = isOverflow
    ? el("i", "", "all other routes")
    : name === ""
    ? el("i", "", "(no route)")
    : name;
  const hasMethod = method !== "" && !isOverflow;
  const text = el(
    "span",
    "route-text",
    hasMethod ? el("span", "method", method) : null,
    route,
  );
  // Two lines of it are shown.
  attrs(place, { title: key });
  place.replaceChildren(text);
}

/** A number, and beside it a bar for its share of the largest. */
class BarCell {
  readonly #alarm = el("span", "bar-alarm");
  readonly #number = el("span", "bar-number");
  readonly #bar = el("i", "bar-fill");
  readonly #cell: HTMLElement;
  #isBad = false;
  #drawn = NaN;

  constructor(cell: HTMLElement, label: string) {
    this.#cell = cell;
    const place = el("span", "bar-place", this.#bar);
    cell.append(this.#alarm, this.#number, place);
    attrs(cell, { "data-label": label });
  }

  show(text: string, share: number, isBad = false): void {
    setText(this.#number, text);
    const width = share > 0 ? Math.max(0.015, Math.min(1, share)) : 0;
    const drawn = Math.round(width * 200) / 200;
    if (drawn !== this.#drawn) this.#bar.style.transform = `scaleX(${drawn})`;
    this.#drawn = drawn;
    if (isBad === this.#isBad) return;
    this.#isBad = isBad;
    this.#cell.classList.toggle("is-failing", isBad);
    this.#alarm.replaceChildren(...isBad ? [glyph("failing")] : []);
  }
}

/** Returns the function that writes a number with its bar into a cell. */
function barWriter(
  label: string,
  write: (cell: BarCell, row: RouteRow) => void,
): (cell: HTMLElement, row: RouteRow) => void {
  const cells = new WeakMap<HTMLElement, BarCell>();
  return (element, row) => {
    let cell = cells.get(element);
    if (cell === undefined) {
      cell = new BarCell(element, label);
      cells.set(element, cell);
    }
    write(cell, row);
  };
}

function number(
  key: keyof RequestFigures,
  head: string,
  format = seconds,
): Column<RouteRow> {
  return {
    key,
    head,
    isNumber: true,
    class: `quantile ${key}`,
    value: ({ figures }) => figures[key],
    write: (cell, { figures }) => {
      setText(cell, words(format(figures[key])));
      attrs(cell, { "data-label": head });
    },
  };
}

/** Returns the columns; `largest` is asked at each update. */
export function routeColumns(
  largest: () => Largest,
  nameHead = "Route",
): Readonly<
  Record<
    "route" | "rate" | "errors" | "p50" | "p95" | "p99" | "busy",
    Column<RouteRow>
  >
> {
  return {
    route: {
      key: "route",
      head: nameHead,
      class: "route-cell mono",
      value: ({ group }) => group.key,
      write: (cell, { group }) => writeRoute(cell, group),
    },
    rate: {
      key: "rate",
      head: "Requests",
      isNumber: true,
      class: "with-bar rate",
      value: ({ figures }) => figures.rate,
      write: barWriter(
        "Requests",
        (cell, { figures: { rate } }) =>
          cell.show(words(perSecond(rate)), rate / largest().rate),
      ),
    },
    errors: {
      key: "errors",
      head: "Errors",
      isNumber: true,
      class: "with-bar errors",
      // Routes without failures follow in the order of their work.
      value: ({ figures: { errors, busy } }) =>
        (errors || 0) * 1e9 + (busy || 0),
      write: barWriter(
        "Errors",
        (cell, { figures: { errors }, isFailing }) =>
          cell.show(words(ratio(errors)), errors / largest().errors, isFailing),
      ),
    },
    p50: number("p50", "p50"),
    p95: number("p95", "p95"),
    p99: number("p99", "p99"),
    busy: {
      key: "busy",
      head: "Busy, s a second",
      isNumber: true,
      class: "with-bar busy",
      value: ({ figures }) => figures.busy,
      write: barWriter(
        "Busy",
        (cell, { figures: { busy } }) =>
          cell.show(words(plain(hundredths(busy))), busy / largest().busy),
      ),
    },
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Returns the column of range glyphs on the scale that all rows share. */
export function rangeColumn(scale: () => Scale): Column<RouteRow> {
  const glyphs = new WeakMap<Element, RangeGlyph>();
  return {
    key: "range",
    head: "",
    class: "range-cell",
    write: (cell, { figures: { p50, p95, p99 } }) => {
      let range = glyphs.get(cell);
      if (range === undefined) {
        range = new RangeGlyph();
        glyphs.set(cell, range);
        cell.append(range.element);
      }
      range.draw(p50, p95, p99, scale());
    },
  };
}
