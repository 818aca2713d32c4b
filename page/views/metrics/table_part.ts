/**
 * The table below the lines: their legend, and the text of the chart. More than 50
 * values are searched, and only the rows in view have elements.
 */
import type { App } from "../../core/app.ts";
import { attrs, h, setChildren, setText } from "../../core/dom.ts";
import { type Figure, wholeNumber, words } from "../../core/units.ts";
import { type Column, sortTable } from "../../parts/sort_table.ts";
import { type VirtualList, virtualList } from "../../parts/virtual_list.ts";
import { type Cells, type Measure, measuresOf } from "./measures.ts";
import { type FamilyModel, type LineRow, OTHERS } from "./family_model.ts";
import { NOTHING } from "./labels.ts";
import { modeName } from "./modes.ts";

/** Most rows without a search field. */
const MOST_ROWS = 50;

/** The table below the lines. */
export class TablePart {
  readonly element = h("div", { class: "metrics-table" });
  readonly #app: App;
  #key = "";
  #show: (rows: readonly LineRow[]) => void = () => {};
  /** The figures of each row, computed when the row is in view. */
  #cells = new Map<string, Cells>();
  #text = "";

  constructor(app: App) {
    this.#app = app;
  }

  /** Draws the rows. */
  update(model: FamilyModel): void {
    const isLong = model.rows.length > MOST_ROWS;
    const measures = measuresOf(model);
    const key = JSON.stringify([model.by, modeName(model.mode), isLong]);
    this.#cells.clear();
    if (key !== this.#key) {
      this.#key = key;
      this.#text = "";
      if (isLong) this.#makeLong(model, measures);
      else this.#makeShort(model, measures);
    }
    this.#show(model.rows);
  }

  #cellsOf(model: FamilyModel, row: LineRow, measures: readonly Measure[]) {
    let cells = this.#cells.get(row.key);
    if (cells === undefined) {
      const { axis } = this.#app.store;
      cells = new Map(
        measures.map((measure) =>
          [measure.key, measure.of(model, row.part, axis)] as const
        ),
      );
      this.#cells.set(row.key, cells);
    }
    return cells;
  }

  #makeShort(model: FamilyModel, measures: readonly Measure[]): void {
    const columns: Column<LineRow>[] = [
      {
        key: "name",
        head: headOf(model),
        class: "metrics-value",
        write: (cell, row) => writeName(cell, row),
        value: ({ name }) => name,
      },
      ...measures.map((measure): Column<LineRow> => ({
        key: measure.key,
        head: measure.head,
        isNumber: true,
        write: (cell, row) => {
          const cells = this.#cellsOf(model, row, measures);
          setText(cell, figureWords(measure.format(cells.get(measure.key)!)));
        },
        value: (row) => this.#cellsOf(model, row, measures).get(measure.key)!,
      })),
    ];
    const table = sortTable({
      label: "Values of the lines",
      columns,
      keyOf: ({ key }) => key,
      updateRow: (row, { key }) =>
        row.classList.toggle("metrics-others", key === OTHERS),
    });
    setChildren(
      this.element,
      h("div", { class: "scroll-x" }, table.element),
    );
    this.#show = (rows) => table.setItems(rows);
  }

  #makeLong(model: FamilyModel, measures: readonly Measure[]): void {
    const sum = h("span", { class: "dim" });
    const field = h("input", {
      class: "field",
      type: "search",
      "aria-label": `Search values of ${model.by}`,
      placeholder: `Search values of ${model.by}`,
      autocomplete: "off",
      oninput: () => {
        this.#text = field.value.trim().toLowerCase();
        this.#show(model.rows);
      },
    });
    const head = h(
      "div",
      {
        class: "metrics-row metrics-row-head",
        role: "row",
        "aria-rowindex": 1,
      },
      h("span", { role: "columnheader" }, headOf(model)),
      measures.map(({ head }) =>
        h("span", { class: "num", role: "columnheader" }, head)
      ),
    );
    const list: VirtualList<LineRow> = virtualList<LineRow>({
      label: `Values of ${model.by}`,
      class: "metrics-rows",
      role: "rowgroup",
      rowRole: "row",
      rowHeight: 30,
      keyOf: ({ key }) => key,
      make: () =>
        h(
          "div",
          { class: "metrics-row" },
          h("span", { class: "metrics-value", role: "cell" }),
          measures.map(() => h("span", { class: "num", role: "cell" })),
        ),
      update: (element, row) => {
        element.classList.toggle("metrics-others", row.key === OTHERS);
        const [name, ...figures] = element.children as unknown as HTMLElement[];
        writeName(name!, row);
        const cells = this.#cellsOf(model, row, measures);
        measures.forEach((measure, i) => {
          setText(
            figures[i]!,
            figureWords(measure.format(cells.get(measure.key)!)),
          );
        });
      },
    });
    const table = h(
      "div",
      {
        class: "metrics-long",
        role: "table",
        "aria-label": "Values of the lines",
      },
      h("div", { role: "rowgroup" }, head),
      list.element,
    );
    setChildren(
      this.element,
      h("div", { class: "metrics-find" }, field, sum),
      table,
    );
    this.#show = (rows) => {
      const values = rows.filter(({ key }) => key !== OTHERS);
      const found = this.#text === ""
        ? rows
        : values.filter(({ name }) => name.toLowerCase().includes(this.#text));
      const all = `${wholeNumber(values.length)} values`;
      setText(
        sum,
        this.#text === ""
          ? `${all}, the largest first`
          : `${wholeNumber(found.length)} of ${all}`,
      );
      attrs(table, { "aria-rowcount": String(found.length + 1) });
      list.setItems(found);
    };
  }
}

function headOf({ by }: FamilyModel): string {
  return by === NOTHING ? "series" : by;
}

function figureWords(figure: Figure): string {
  return words(figure);
}

function writeName(cell: HTMLElement, { name, colour }: LineRow): void {
  if (cell.childElementCount === 0) {
    cell.append(h("span", { class: "swatch" }), h("span"));
  }
  const [swatch, text] = cell.children;
  swatch!.className = `swatch ${colour === null ? "none" : `s${colour}`}`;
  setText(text!, name);
}
