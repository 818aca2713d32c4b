/**
 * A latency on a log axis: a tick at p50, thick to p95, thin to p99. Made of
 * elements: it is sharp, and it moves without a layout.
 */
import { el } from "../core/dom.ts";
import { brief, seconds, words } from "../core/units.ts";
import type { Scale } from "./scales.ts";

/** One glyph. */
export class RangeGlyph {
  readonly element = el("span", "range-glyph");
  readonly #thin = el("i", "thin");
  readonly #thick = el("i", "thick");
  readonly #tick = el("i", "tick");
  readonly #end = el("i", "end");
  #drawn = "";

  constructor() {
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.#thin, this.#thick, this.#end, this.#tick);
  }

  /** Draws three quantiles; NaN leaves the glyph empty. */
  draw(p50: number, p95: number, p99: number, scale: Scale): void {
    const isKnown = !Number.isNaN(p50);
    this.element.classList.toggle("empty", !isKnown);
    if (!isKnown) return;
    // To a fifth of a percent: style that is set again costs a style pass.
    const [a, b, c] = [p50, p95, p99].map((value) =>
      Math.round(scale.at(value) * 500) / 500
    ) as [number, number, number];
    const drawn = `${a} ${b} ${c}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    place(this.#thin, a, c);
    place(this.#thick, a, b);
    shift(this.#tick, a);
    shift(this.#end, c);
  }
}

function place(bar: HTMLElement, from: number, to: number): void {
  bar.style.transform = `translateX(${percent(from)}) scaleX(${
    Math.max(0, to - from)
  })`;
}

function shift(tick: HTMLElement, at: number): void {
  tick.style.transform = `translateX(${percent(at)})`;
}

function percent(at: number): string {
  return `${at * 100}%`;
}

/** The head of a column of glyphs: the decades of their scale. */
export class RangeHead {
  readonly element = el("span", "range-head");
  #shown = "";

  /** Writes the decades. */
  draw(scale: Scale): void {
    const key = scale.majors.join();
    if (key === this.#shown) return;
    this.#shown = key;
    let unit = "";
    this.element.replaceChildren(...scale.majors.map((value, i) => {
      const figure = brief(seconds(value));
      // The unit stands where it changes, and at the end.
      const isSame = figure.unit === unit && i < scale.majors.length - 1;
      unit = figure.unit;
      const mark = el("span", "", isSame ? figure.digits : words(figure));
      mark.style.left = percent(scale.at(value));
      return mark;
    }));
  }
}
