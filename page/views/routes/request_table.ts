/** A sheet with a table of requests or calls, a heat strip in each row. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { Axis } from "../../core/data.ts";
import { attrs, el, setText } from "../../core/dom.ts";
import { brief, seconds, words } from "../../core/units.ts";
import type { ChartGroup } from "../../charts/mod.ts";
import {
  type Largest,
  largestRow,
  routeColumns,
} from "../../parts/route_columns.ts";
import type { RouteRow } from "../../parts/route_rows.ts";
import { type SortTable, sortTable } from "../../parts/sort_table.ts";
import { Strips } from "./strips.ts";

/** How a table is made. */
export interface RequestTableOptions {
  readonly title: string;
  readonly nameHead: string;
  /** Called for a click on a row. */
  readonly onOpen?: (row: RouteRow) => void;
  /** Whether a row is the chosen one. */
  readonly isChosen?: (row: RouteRow) => boolean;
}

/** Contents of a table. */
export interface RequestTableData {
  readonly rows: readonly RouteRow[];
  readonly axis: Axis;
  readonly family: FamilyInfo;
  readonly note: string;
}

/** The sheet. */
export class RequestTable {
  readonly element = el("section", "sheet routes with-strips");
  readonly #strips: Strips;
  readonly #table: SortTable<RouteRow>;
  readonly #note = el("span", "note");
  readonly #scale = el("span", "end faint");
  #largest: Largest = { rate: 0, errors: 0, busy: 0 };

  constructor(group: ChartGroup, options: RequestTableOptions) {
    const { title, nameHead, onOpen, isChosen } = options;
    this.#strips = new Strips(group);
    const { route, rate, errors, p50, p95, p99 } = routeColumns(
      () => this.#largest,
      nameHead,
    );
    this.#table = sortTable<RouteRow>({
      label: title,
      columns: [route, rate, errors, p50, p95, p99, this.#strips.column()],
      keyOf: (row) => row.group.key,
      sort: { key: "errors", isDown: true },
      ...onOpen === undefined ? {} : { onOpen },
      updateRow: (row, item) =>
        void attrs(row, {
          "aria-current": isChosen?.(item) ? "true" : null,
        }),
    });
    this.element.append(
      el("div", "sheet-head", el("h2", "", title), this.#note, this.#scale),
      el("div", "routes-table", this.#table.element),
    );
  }

  /** Shows the rows; `isAll`: everything may have changed. */
  show({ rows, axis, family, note }: RequestTableData, isAll: boolean): void {
    this.#largest = largestRow(rows);
    setText(this.#note, note);
    this.#table.setItems(rows);
    this.#strips.update(rows, axis, family, isAll);
    this.#strips.draw(rows, axis);
    const { low, high } = this.#strips.scale;
    setText(
      this.#scale,
      `strips from ${words(brief(seconds(low)))} to ` +
        `${words(brief(seconds(high)))}, the same scale for all`,
    );
  }
}
