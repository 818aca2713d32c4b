/** The heat strips of a table: one for each row, all on one scale. */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { Axis } from "../../core/data.ts";
import { seconds, words } from "../../core/units.ts";
import {
  type ChartGroup,
  columnStep,
  decadeScale,
  Distribution,
  heatScale,
  HeatStrip,
  logScale,
  type Scale,
} from "../../charts/mod.ts";
import type { RouteRow } from "../../parts/route_rows.ts";
import type { Column } from "../../parts/sort_table.ts";

/** Pixels of a column of a strip. */
const CELL = 6;

/** Width of a strip before the first one is laid out. */
const WIDTH = 380;

interface Strip {
  readonly chart: HeatStrip;
  key: string;
}

/** Keeps one distribution for each row, and draws the strips that are in view. */
export class Strips {
  readonly #group: ChartGroup;
  readonly #distributions = new Map<string, Distribution>();
  readonly #strips = new Map<Element, Strip>();
  readonly #visible = new Set<Element>();
  readonly #observer: IntersectionObserver;
  #scale: Scale = decadeScale(0.001, 10);
  #largest = 1;

  constructor(group: ChartGroup) {
    this.#group = group;
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#visible.add(target);
        else this.#visible.delete(target);
      }
      group.touch();
    }, { rootMargin: "200px" });
  }

  /** The scale of all strips. */
  get scale(): Scale {
    return this.#scale;
  }

  /** The column of the strips. */
  column(): Column<RouteRow> {
    return {
      key: "strip",
      head: "Latency, log scale",
      class: "strip-cell",
      write: (cell, { group }) => {
        let strip = this.#strips.get(cell);
        if (strip === undefined) {
          strip = { chart: new HeatStrip(this.#group), key: group.key };
          cell.append(strip.chart.element);
          this.#strips.set(cell, strip);
          this.#observer.observe(cell);
        }
        strip.key = group.key;
      },
    };
  }

  /** Reads the rows; the strips are drawn by `draw`. */
  update(
    rows: readonly RouteRow[],
    axis: Axis,
    family: FamilyInfo,
    isAll: boolean,
  ): void {
    const { selection } = this.#group;
    const span = selection === null ? undefined : selection.to - selection.from;
    const step = columnStep(axis, this.#width(), CELL, span);
    const keys = new Set<string>();
    let low = Infinity;
    let high = 0;
    let largest = 1;
    for (const { group: { key, series } } of rows) {
      keys.add(key);
      let distribution = this.#distributions.get(key);
      if (distribution === undefined) {
        distribution = new Distribution();
        this.#distributions.set(key, distribution);
      }
      distribution.update({ axis, family, series, step }, isAll);
      const scale = heatScale(distribution, true);
      low = Math.min(low, scale.low);
      high = Math.max(high, scale.high);
      largest = Math.max(largest, distribution.largest());
    }
    for (const key of this.#distributions.keys()) {
      if (!keys.has(key)) this.#distributions.delete(key);
    }
    if (low < high) this.#scale = logScale(low, high);
    this.#largest = largest;
  }

  #width(): number {
    for (const { chart } of this.#strips.values()) {
      const width = this.#group.widthOf(chart.element);
      if (width > 0) return width;
    }
    return WIDTH;
  }

  /** Draws the strips that are in view. */
  draw(rows: readonly RouteRow[], axis: Axis): void {
    const byKey = new Map(rows.map((row) => [row.group.key, row]));
    for (const [cell, { chart, key }] of this.#strips) {
      if (!cell.isConnected) {
        this.#strips.delete(cell);
        this.#visible.delete(cell);
        this.#observer.unobserve(cell);
        continue;
      }
      const row = byKey.get(key);
      const distribution = this.#distributions.get(key);
      if (!this.#visible.has(cell)) continue;
      if (row === undefined || distribution === undefined) continue;
      const { p50, p99 } = row.figures;
      chart.draw({
        axis,
        distribution,
        scale: this.#scale,
        largest: this.#largest,
        sentence: Number.isNaN(p50)
          ? `${key}: no requests in the last minute`
          : `${key}: p50 ${words(seconds(p50))}, p99 ${words(seconds(p99))}`,
      });
    }
  }
}
