/** "Show as table": the data of a chart for those who do not see it. */
import { attrs, el } from "../core/dom.ts";

/** The data of a chart as words. */
export interface DataTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows beyond these are left out: a table is read, not scanned by a program. */
const MOST_ROWS = 120;

/**
 * A table that is made when it is opened. It does not change while it is read;
 * closing and opening it again brings the newest data.
 */
export class TableView {
  readonly element = el("details", "chart-table");
  readonly #name: string;
  readonly #read: () => DataTable | null;
  readonly #place = el("div", "chart-table-scroll");
  #isStale = true;

  constructor(name: string, read: () => DataTable | null) {
    this.#name = name;
    this.#read = read;
    attrs(this.#place, { tabindex: "0", role: "region", "aria-label": name });
    this.element.append(el("summary", "", "Show as table"), this.#place);
    this.element.addEventListener("toggle", () => {
      if (!this.element.open) this.#isStale = true;
      this.refresh();
    });
  }

  /** Fills the table if it has just been opened. */
  refresh(): void {
    if (!this.element.open || !this.#isStale) return;
    const data = this.#read();
    if (data === null) return;
    this.#isStale = false;
    const head = el("tr");
    for (const text of data.head) {
      head.append(attrs(el("th", "", text), { scope: "col" }));
    }
    const body = el("tbody");
    for (const cells of data.rows.slice(0, MOST_ROWS)) {
      const row = el("tr");
      cells.forEach((text, i) => {
        row.append(
          i === 0
            ? attrs(el("th", "", text), { scope: "row" })
            : el("td", "", text),
        );
      });
      body.append(row);
    }
    const caption = el("caption", "unseen", this.#name);
    this.#place.replaceChildren(
      el("table", "", caption, el("thead", "", head), body),
    );
  }
}
