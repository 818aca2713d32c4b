/** Families that are no lines: lanes of states, and the labels of infos. */
import type { ChartGroup } from "../../charts/group.ts";
import type { App } from "../../core/app.ts";
import type { Series } from "../../core/data.ts";
import { h, keyed, setText } from "../../core/dom.ts";
import { ratio, words } from "../../core/units.ts";
import type { FamilyModel } from "./family_model.ts";
import { LanesChart } from "./lanes_chart.ts";

/** Most lanes of a chart; the table has all states. */
const MOST_LANES = 12;

/** The lanes of a stateset, and a table of all states. */
export class LanesPart {
  readonly element = h("div", { class: "metrics-lines" });
  readonly #app: App;
  readonly #charts: ChartGroup;
  #chart: LanesChart | null = null;
  #lanes = 0;
  readonly #body = h("tbody");

  constructor(app: App, charts: ChartGroup) {
    this.#app = app;
    this.#charts = charts;
    this.element.append(
      h("div", { class: "sheet-head" }, h("h2", null, "States")),
      h(
        "div",
        { class: "scroll-x" },
        h(
          "table",
          { class: "table metrics-states", "aria-label": "States" },
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              h("th", { scope: "col" }, "state"),
              h("th", { scope: "col", class: "num" }, "now"),
              h(
                "th",
                { scope: "col", class: "num" },
                "share of the time shown",
              ),
            ),
          ),
          this.#body,
        ),
      ),
    );
  }

  /** Draws the lanes. */
  update(model: FamilyModel): void {
    const { axis } = this.#app.store;
    const shown = model.series.slice(0, MOST_LANES);
    if (this.#chart === null || shown.length !== this.#lanes) {
      this.close();
      this.#lanes = shown.length;
      this.#chart = new LanesChart(this.#charts, shown.length);
      this.element.firstElementChild!.after(this.#chart.element);
    }
    const lanes = shown.map((one) => ({
      name: stateName(model, one),
      values: one.values,
    }));
    this.#chart.draw({ axis, lanes });
    keyed(
      this.#body,
      model.series,
      ({ info }) => String(info.id),
      () =>
        h(
          "tr",
          null,
          h("td"),
          h("td", { class: "num" }),
          h("td", { class: "num" }),
        ),
      (row, one) => {
        const [state, now, share] = row.cells;
        setText(state!, stateName(model, one));
        setText(now!, one.values[one.values.length - 1]! > 0 ? "holds" : "–");
        setText(share!, words(ratio(shareOf(one.values))));
      },
    );
  }

  /** Takes the chart out of its group. */
  close(): void {
    this.#chart?.close();
    this.#chart?.element.remove();
  }
}

/** The state is the value of the label that is named like the family. */
function stateName({ family }: FamilyModel, { info }: Series): string {
  const index = family.labels.indexOf(family.name);
  const others = info.values.filter((value, i) => i !== index && value !== "");
  return [info.values[index] ?? "", ...others].filter(Boolean).join(", ");
}

function shareOf(values: Float64Array): number {
  let held = 0;
  let known = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    known++;
    if (value > 0) held++;
  }
  return held / known;
}

/** The labels of an info, a line each; several series stand below one another. */
export class InfoPart {
  readonly element: HTMLElement;
  readonly #body = h("tbody");

  constructor({ family }: FamilyModel) {
    this.element = h(
      "div",
      { class: "metrics-lines scroll-x" },
      h(
        "table",
        { class: "table metrics-info", "aria-label": "Labels" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            family.labels.map((label) => h("th", { scope: "col" }, label)),
          ),
        ),
        this.#body,
      ),
    );
  }

  /** Draws the labels. */
  update({ series, family }: FamilyModel): void {
    keyed(
      this.#body,
      series,
      ({ info }) => String(info.id),
      () => h("tr", null, family.labels.map(() => h("td", { class: "mono" }))),
      (row, { info }) => {
        family.labels.forEach((_, i) => {
          setText(row.cells[i]!, info.values[i] || "–");
        });
      },
    );
  }
}
