/** All observations of a histogram as a heat map, with the traces on it. */
import { columnStep } from "../../charts/tracks.ts";
import { Distribution } from "../../charts/buckets.ts";
import type { ChartGroup } from "../../charts/group.ts";
import { HeatMap } from "../../charts/heat_map.ts";
import type { App, Changes } from "../../core/app.ts";
import { h } from "../../core/dom.ts";
import { formatOf } from "../../core/units.ts";
import { KnownTraces } from "../../parts/known_traces.ts";
import { markOf } from "../../parts/traffic.ts";
import type { FamilyModel } from "./family_model.ts";

/** Least width of a column in pixels. */
const LEAST = 6;

/** All observations of a histogram. */
export class HeatPart {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #map: HeatMap;
  readonly #distribution = new Distribution([0.5, 0.95, 0.99]);
  readonly #traces: KnownTraces;
  #to = 0;

  constructor(app: App, charts: ChartGroup, kind: "classic" | "native") {
    this.#app = app;
    this.#traces = new KnownTraces(app);
    this.#map = new HeatMap(charts, { name: "All observations", height: 188 });
    this.#map.onOpen = ({ id }) =>
      app.location.go({ view: "traces", path: [id], rest: {} });
    this.element = h(
      "div",
      { class: "metrics-heat" },
      h(
        "div",
        { class: "sheet-head" },
        h("h2", null, "All observations"),
        h("span", { class: "note" }, `${kind} buckets, log scale`),
        h("span", { class: "end" }, this.#map.legend),
      ),
      this.#map.element,
    );
  }

  /** Draws the map; `isAll`: older columns may have changed. */
  update(model: FamilyModel, changes: Changes, isAll: boolean): void {
    const { family, series } = model;
    const { axis, hello } = this.#app.store;
    const step = columnStep(axis, this.#map.plotWidth, LEAST);
    // After a cut, frames fill columns over which the axis has moved already.
    const wasCut = axis.to - this.#to > 2 * step;
    this.#distribution.update({ axis, family, series, step }, isAll || wasCut);
    this.#to = axis.to;
    const isRequests = family.role === "requests";
    const { route } = this.#app.location.now;
    const traces = isRequests && hello?.has.traces
      ? this.#traces.update(hello, changes).within(route, axis.from, axis.to)
      : null;
    this.#map.draw({
      axis,
      distribution: this.#distribution,
      format: formatOf(family.unit),
      things: isRequests ? "requests" : "observations",
      ...traces === null
        ? {}
        : { marks: traces.map((trace) => markOf(trace, axis.to)) },
    });
  }

  /** Takes the chart out of its group. */
  close(): void {
    this.#map.close();
  }
}
