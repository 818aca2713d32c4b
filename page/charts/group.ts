/**
 * The charts of one view: they share the tokens, the sizes, the time under the
 * crosshair and the selected range.
 *
 * - Moving the crosshair moves elements; no canvas is drawn again for it.
 * - Sizes come from the observer of the page: drawing never reads the layout.
 */
import type { App, Changes } from "../core/app.ts";
import { onResize } from "../core/sizes.ts";
import { readTheme, type Theme } from "./theme.ts";
import type { Span } from "./tracks.ts";

/** A chart with a time axis, as the group sees it. */
export interface TimeMember {
  /** Shows the crosshair at a time; null takes it away. */
  hair(time: number | null): void;
}

/** The pen at the end of each line: down, lifted, or without connection. */
export type Pen = App["feed"];

/** The part of the page that charts use. */
export type ChartApp = Pick<App, "redraw" | "tooltip" | "feed">;

/** Milliseconds between two changes of figures, with reduced motion. */
const CALM = 1900;

/** The charts of one view. */
export class ChartGroup {
  readonly app: ChartApp;
  #pen: Pen = "live";
  #theme: Theme | null = null;
  #selection: Span | null = null;
  #isDirty = true;
  #drawnAt = -Infinity;
  #turn = false;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #members = new Set<TimeMember>();
  readonly #widths = new WeakMap<Element, number>();

  constructor(app: ChartApp) {
    this.app = app;
  }

  /** The tokens in use. */
  get theme(): Theme {
    return this.#theme ??= readTheme();
  }

  /** The state of the pens. */
  get pen(): Pen {
    return this.#pen;
  }

  /** The range that was selected by a drag; null if none is. */
  get selection(): Span | null {
    return this.#selection;
  }

  /**
   * Notes a change of the theme. Returns whether all charts must be drawn: for
   * that, for new sizes, another state of the feed, and a new selection. Call it first in `update`.
   */
  begin(changes: Pick<Changes, "theme" | "address">): boolean {
    if (changes.theme) this.#theme = null;
    if (changes.address) this.select(null);
    const { feed } = this.app;
    const mustDraw = this.#isDirty || changes.theme || feed !== this.#pen;
    this.#pen = feed;
    this.#isDirty = false;
    return mustDraw;
  }

  /**
   * Returns whether there is something new to draw. New data is drawn each
   * second; for readers who want little motion, each other second. New names
   * alone are not: programs make series all the time.
   */
  isDue({ address, data, findings, hello }: Changes): boolean {
    const now = performance.now();
    const isCalm = data && this.#calm.matches && now - this.#drawnAt < CALM;
    if (!(address || findings || hello || (data && !isCalm))) {
      return false;
    }
    this.#drawnAt = now;
    return true;
  }

  /**
   * Returns what to draw of new data. Columns of more than a second, and figures
   * of a minute, hardly change in a second: they take turns. `isBoth`: something
   * else has changed.
   */
  takeTurns(
    isBoth: boolean,
    step: number,
  ): { readonly charts: boolean; readonly figures: boolean } {
    this.#turn = !this.#turn;
    return {
      charts: isBoth || step <= 1 || this.#turn,
      figures: isBoth || !this.#turn,
    };
  }

  /** Selects a range of time for all charts; null gives it back. */
  select(selection: Span | null): void {
    if (selection === this.#selection) return;
    this.#selection = selection;
    this.touch();
  }

  /** Gives the selection back; returns whether there was one. For `Esc`. */
  escape(): boolean {
    if (this.#selection === null) return false;
    this.select(null);
    return true;
  }

  /** Asks for all charts to be drawn. */
  touch(): void {
    this.#isDirty = true;
    this.app.redraw();
  }

  /** Notes that there is nothing to draw yet: all is drawn when there is. */
  wait(): void {
    this.#isDirty = true;
  }

  /** Shows the crosshair of all charts at a time; null hides it. */
  hover(time: number | null): void {
    for (const member of this.#members) member.hair(time);
    if (time === null) this.app.tooltip.hide();
  }

  /** Adds a chart that shows the crosshair. */
  join(member: TimeMember): void {
    this.#members.add(member);
  }

  /** Takes a chart away that is no longer shown. */
  leave(member: TimeMember): void {
    this.#members.delete(member);
  }

  /** Begins to observe the width of an element. */
  observe(element: Element): void {
    onResize(element, (exact) => {
      const width = Math.round(exact);
      if (this.#widths.get(element) === width) return;
      this.#widths.set(element, width);
      this.touch();
    });
  }

  /** Returns the width of an element; 0 before it is laid out. */
  widthOf(element: Element): number {
    return this.#widths.get(element) ?? 0;
  }
}
