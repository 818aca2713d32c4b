/** The routes of the overview; a click shows only one of them. */
import type { App } from "../../core/app.ts";
import { attrs, el, setText } from "../../core/dom.ts";
import { decadeScale, RangeHead, type Scale } from "../../charts/mod.ts";
import { empty } from "../../parts/states.ts";
import {
  largestRow,
  rangeColumn,
  routeColumns,
} from "../../parts/route_columns.ts";
import type { RouteRow } from "../../parts/route_rows.ts";
import { type SortTable, sortTable } from "../../parts/sort_table.ts";

/** Further routes are in the view of routes. */
const MOST_ROWS = 12;

/** The sheet with the table of routes. */
export class RouteList {
  readonly element = el("section", "sheet routes");
  readonly #app: App;
  readonly #table: SortTable<RouteRow>;
  readonly #note = el("span", "note");
  readonly #all = el("a", "end link-quiet");
  readonly #head = new RangeHead();
  readonly #place: HTMLElement;
  readonly #empty = empty("No route has answered yet.");
  #largest = { rate: 0, errors: 0, busy: 0 };
  #scale: Scale = decadeScale(0.001, 10);

  constructor(app: App) {
    this.#app = app;
    const columns = routeColumns(() => this.#largest);
    const { route, rate, errors, p50, p95, p99, busy } = columns;
    const range = rangeColumn(() => this.#scale);
    const all = [route, rate, errors, p50, p95, p99, range, busy];
    this.#table = sortTable<RouteRow>({
      label: "Routes",
      columns: all,
      keyOf: ({ group }) => group.key,
      limit: MOST_ROWS,
      sort: { key: "errors", isDown: true },
      onOpen: ({ group: { key } }) => {
        const { now } = app.location;
        app.location.go({ route: now.route === key ? "" : key });
      },
      updateRow: (row, { group: { key } }) => {
        const isOnly = app.location.now.route === key && key !== "";
        attrs(row, { "aria-current": isOnly ? "true" : null });
      },
    });
    const { element } = this.#table;
    const heads = element.tHead!.rows[0]!.cells;
    heads[all.indexOf(range)]!.append(
      el("span", "unseen", "Range of p50, p95 and p99"),
      this.#head.element,
    );
    attrs(this.#head.element, { "aria-hidden": "true" });
    this.#place = el("div", "routes-table", element);
    this.element.append(
      el("div", "sheet-head", el("h2", "", "Routes"), this.#note, this.#all),
      this.#place,
      this.#empty,
    );
  }

  /** Shows the routes of a window, which `window` names. */
  show(rows: readonly RouteRow[], window: string): void {
    this.#largest = largestRow(rows);
    this.#scale = rangeScale(rows);
    this.#head.draw(this.#scale);
    this.#table.setItems(rows);
    this.#all.hidden = rows.length <= MOST_ROWS;
    setText(this.#all, `all ${rows.length} routes`);
    attrs(this.#all, {
      href: this.#app.location.href({ view: "routes", path: [], rest: {} }),
    });
    this.#place.hidden = rows.length === 0;
    this.#empty.hidden = rows.length > 0;
    const isOne = this.#app.location.now.route !== "";
    setText(
      this.#note,
      `${window}; ${
        isOne ? "click it again to see all" : "click one to see only it"
      }`,
    );
  }
}

/** Returns the log axis that the rows share: 1 ms to 10 s, wider if needed. */
function rangeScale(rows: readonly RouteRow[]): Scale {
  let low = 0.001;
  let high = 10;
  for (const { figures: { p50, p99 } } of rows) {
    if (p50 > 0 && p50 < low) low = p50;
    if (p99 > high) high = p99;
  }
  return decadeScale(Math.max(low, 1e-6), high);
}
