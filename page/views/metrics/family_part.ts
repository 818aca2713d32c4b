/** One family: its head, what it does, and the expression that says the same. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { ChartGroup } from "../../charts/group.ts";
import type { App, Changes } from "../../core/app.ts";
import type { Colours } from "../../core/colours.ts";
import { attrs, button, h, setText } from "../../core/dom.ts";
import { empty, loading } from "../../parts/states.ts";
import { FamilyModel } from "./family_model.ts";
import { HeadPart, SplitPart } from "./head_part.ts";
import { HeatPart } from "./heat_part.ts";
import { LinesPart } from "./lines_part.ts";
import { shapeOf } from "./modes.ts";
import { unitOf } from "./names.ts";
import { InfoPart, LanesPart } from "./states_part.ts";

/** The part that draws the values of a family. */
interface Body {
  readonly element: HTMLElement;
  update(changes: Changes, isAll: boolean): void;
  close(): void;
}

/** One family. */
export class FamilyPart {
  readonly element: HTMLElement;
  readonly model: FamilyModel;
  readonly #app: App;
  readonly #charts: ChartGroup;
  readonly #head: HeadPart;
  readonly #split: SplitPart;
  readonly #code = h("code");
  readonly #prom: HTMLElement;
  readonly #place = h("div", { class: "metrics-body" }, loading());
  #bodies: readonly Body[] | null = null;

  constructor(
    app: App,
    charts: ChartGroup,
    colours: Colours,
    info: FamilyInfo,
  ) {
    this.#app = app;
    this.#charts = charts;
    const family = { ...info, unit: unitOf(info) };
    this.model = new FamilyModel(family, colours);
    this.#head = new HeadPart(app, family);
    this.#split = new SplitPart(app);
    const copy = button("button", "Copy as PromQL", () => {
      app.copy(this.model.expression ?? "", copy);
    });
    attrs(copy, { "data-copy": "" });
    this.#prom = h("div", { class: "metrics-prom" }, this.#code, copy);
    this.element = h(
      "article",
      { class: "sheet metrics-family", "aria-label": family.name },
      this.#head.element,
      this.#split.element,
      this.#place,
    );
  }

  /** Draws the family; `isAll`: older columns may have changed. */
  update(family: FamilyInfo, changes: Changes, isAll: boolean): void {
    const { store, location } = this.#app;
    const { model } = this;
    const series = store.series(family.id);
    model.update(location.now, store.axis, series, store.hello, isAll);
    this.#head.update(family, model);
    if (!store.isLoaded(family.id)) return;
    this.#split.update(model);
    if (this.#bodies === null) this.#makeBodies();
    setText(this.#code, model.expression ?? "");
    for (const body of this.#bodies!) body.update(changes, isAll);
  }

  #makeBodies(): void {
    this.#bodies = this.#bodiesOf();
    this.#place.replaceChildren();
    for (const [i, { element }] of this.#bodies.entries()) {
      this.#place.append(element);
      if (i === 0 && this.model.expression !== null) {
        this.#place.append(this.#prom);
      }
    }
  }

  #bodiesOf(): Body[] {
    const { model } = this;
    const { store } = this.#app;
    switch (shapeOf(model.family)) {
      case "lanes": {
        const lanes = new LanesPart(this.#app, this.#charts);
        return [bodyOf(lanes.element, () => lanes.update(model), lanes)];
      }
      case "table": {
        const info = new InfoPart(model);
        return [bodyOf(info.element, () => info.update(model))];
      }
      case "none":
        return [
          bodyOf(empty(
            "The page does not draw histograms of levels. " +
              "Their buckets are in the metrics themselves.",
          )),
        ];
      case "lines": {
        const lines = new LinesPart(this.#app, this.#charts);
        const bodies = [
          bodyOf(lines.element, () => lines.update(model, store.axis), lines),
        ];
        if (model.family.type !== "histogram") return bodies;
        const kind = model.family.native ? "native" : "classic";
        const heat = new HeatPart(this.#app, this.#charts, kind);
        const update: Body["update"] = (changes, isAll) =>
          heat.update(model, changes, isAll);
        return [...bodies, bodyOf(heat.element, update, heat)];
      }
    }
  }

  /** Takes the charts out of their group. */
  close(): void {
    for (const body of this.#bodies ?? []) body.close();
  }
}

function bodyOf(
  element: HTMLElement,
  update: Body["update"] = () => {},
  part: { close(): void } | null = null,
): Body {
  return { element, update, close: () => part?.close() };
}
