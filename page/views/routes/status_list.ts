/** Answers by status, each with its course. */
import { attrs, el, keyed, setText } from "../../core/dom.ts";
import { rateOf, ratio, words } from "../../core/units.ts";
import { type ChartGroup, type Span, Sparkline } from "../../charts/mod.ts";
import type { StatusRow } from "./statuses.ts";

const perSecond = rateOf("");

class Row {
  readonly element = el("tr");
  readonly #status = attrs(el("th", "mono"), { scope: "row" });
  readonly #rate = el("td", "num");
  readonly #share = el("td", "num");
  readonly #spark: Sparkline;

  constructor(group: ChartGroup) {
    this.#spark = new Sparkline(group, 26);
    this.element.append(
      this.#status,
      el("td", "status-course", this.#spark.element),
      this.#rate,
      this.#share,
    );
  }

  show({ status, isFailure, rate, share, track }: StatusRow, span: Span): void {
    setText(this.#status, status === "" ? "(none)" : status);
    setText(this.#rate, words(perSecond(rate)));
    setText(this.#share, words(ratio(share)));
    this.element.classList.toggle("is-failing", isFailure && rate > 0);
    this.#spark.draw({
      track,
      span,
      colour: isFailure ? "bad" : "ink",
      wash: isFailure ? "badWash" : "inkWash",
    });
  }
}

/** The sheet of answers by status. */
export class StatusList {
  readonly element = el("section", "sheet statuses");
  readonly #group: ChartGroup;
  readonly #body = el("tbody");
  readonly #note = el("span", "note");
  readonly #rows = new WeakMap<Element, Row>();

  constructor(group: ChartGroup) {
    this.#group = group;
    const head = el("tr");
    for (const [name, className] of HEADS) {
      head.append(attrs(el("th", className, name), { scope: "col" }));
    }
    const table = el("table", "table", el("thead", "", head), this.#body);
    attrs(table, { "aria-label": "Answers by status" });
    this.element.append(
      el("div", "sheet-head", el("h2", "", "Answers by status"), this.#note),
      table,
    );
  }

  /** Shows the rows of a window, which `window` names. */
  show(rows: readonly StatusRow[], window: string, span: Span): void {
    setText(this.#note, `${window}; each line on its own scale`);
    keyed(this.#body, rows, ({ status }) => status, () => {
      const row = new Row(this.#group);
      this.#rows.set(row.element, row);
      return row.element;
    }, (element, row) => this.#rows.get(element)!.show(row, span));
  }
}

const HEADS = [
  ["Status", ""],
  ["Course", "status-course"],
  ["A second", "num"],
  ["Share", "num"],
] as const;
