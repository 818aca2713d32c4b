/** A heat map without axes, for a row of a table; all rows share their scale. */
import { attrs } from "../core/dom.ts";
import type { Distribution } from "./buckets.ts";
import { Cells } from "./cells.ts";
import type { ChartGroup } from "./group.ts";
import type { Scale } from "./scales.ts";
import { hatch, rules, Surface } from "./surface.ts";
import type { Axis } from "../core/data.ts";
import { endOf } from "./tracks.ts";

/** Contents of a strip. */
export interface StripData {
  readonly axis: Axis;
  readonly distribution: Distribution;
  /** The scale of all strips. */
  readonly scale: Scale;
  /** Count of the darkest colour in all strips. */
  readonly largest: number;
  /** Sentence for readers. */
  readonly sentence: string;
}

/** One strip. */
export class HeatStrip {
  readonly element: HTMLCanvasElement;
  readonly #surface: Surface;
  readonly #group: ChartGroup;
  readonly #cells = new Cells();

  constructor(group: ChartGroup, height = 52) {
    this.#group = group;
    this.#surface = new Surface(group, height);
    this.element = this.#surface.canvas;
    this.element.classList.add("strip");
  }

  /** Draws the strip. */
  draw({ axis, distribution, scale, largest, sentence }: StripData): void {
    attrs(this.element, { role: "img", "aria-label": sentence });
    const context = this.#surface.begin();
    if (context === null) return;
    const { theme, width, height } = this.#surface;
    const box = { left: 0, top: 0, width, height };
    const span = this.#group.selection ?? { from: axis.from, to: endOf(axis) };
    const y = (value: number) => height * (1 - scale.at(value));
    rules(context, theme.grid, box, [], scale.majors.map(y));
    this.#cells.paint(
      context,
      this.#surface,
      box,
      distribution,
      span,
      scale,
      largest,
    );
    for (const gap of axis.gaps) {
      const x = (time: number) =>
        (time - span.from) / (span.to - span.from) * width;
      const left = Math.max(0, x(gap.from));
      const right = Math.min(width, x(gap.to));
      if (right - left < 1) continue;
      const hole = { left, top: 0, width: right - left, height };
      hatch(context, theme.grid2, hole);
    }
  }
}
