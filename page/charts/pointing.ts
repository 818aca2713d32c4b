/** The crosshair of a chart: by pointer, by touch and by keys. */
import type { ChartGroup } from "./group.ts";
import type { Box } from "./surface.ts";
import { type Tip, tipOf, tipText } from "./tip.ts";
import type { Span } from "./tracks.ts";

/** A chart, as its crosshair sees it. */
export interface Pointed {
  span(): Span | null;
  box(): Box;
  /** Seconds by which an arrow key moves. */
  step(): number;
  /** `x` and `y` are null when a key moved it. */
  tip(time: number, x: number | null, y: number | null): Tip | null;
  open(time: number, x: number | null, y: number | null): boolean;
  /** Shows a range that is being dragged, in pixels; null hides it. */
  range(from: number | null, to: number): void;
  say(text: string): void;
}

/** A drag that is shorter is a click. */
const LEAST_DRAG = 6;

/** Handles the pointer and the keys of one canvas. */
export class Pointing {
  readonly #canvas: HTMLCanvasElement;
  readonly #group: ChartGroup;
  readonly #of: Pointed;
  #dragFrom: number | null = null;
  #isDrag = false;
  /** The time of the crosshair that keys move. */
  #time: number | null = null;

  constructor(canvas: HTMLCanvasElement, group: ChartGroup, of: Pointed) {
    this.#canvas = canvas;
    this.#group = group;
    this.#of = of;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => this.#end());
    canvas.addEventListener("pointerleave", ({ pointerType }) => {
      // A finger leaves at once; its words stay until another tap.
      if (pointerType !== "touch") this.#leave();
    });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#leave());
  }

  #timeAt(x: number): number | null {
    const span = this.#of.span();
    if (span === null) return null;
    const { left, width } = this.#of.box();
    const at = Math.min(1, Math.max(0, (x - left) / width));
    return span.from + at * (span.to - span.from);
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#dragFrom = event.offsetX;
    this.#isDrag = false;
    if (event.pointerType === "mouse") {
      this.#canvas.setPointerCapture(event.pointerId);
    } else this.#move(event);
  }

  #move(event: PointerEvent): void {
    const { offsetX: x, offsetY: y } = event;
    const from = this.#dragFrom;
    if (from !== null && Math.abs(x - from) >= LEAST_DRAG) this.#isDrag = true;
    if (from !== null && this.#isDrag) this.#drag(from, x);
    const time = this.#timeAt(x);
    if (time === null) return;
    this.#time = time;
    this.#group.hover(time);
    this.#show(this.#of.tip(time, x, y), event.clientX, event.clientY);
  }

  #drag(from: number, to: number): void {
    const { left, width } = this.#of.box();
    const clip = (x: number) => Math.min(left + width, Math.max(left, x));
    this.#of.range(clip(from), clip(to));
  }

  #up(event: PointerEvent): void {
    const from = this.#dragFrom;
    const isDrag = this.#isDrag;
    this.#end();
    const time = this.#timeAt(event.offsetX);
    if (from === null || time === null) return;
    if (!isDrag) {
      this.#of.open(time, event.offsetX, event.offsetY);
      return;
    }
    const begin = this.#timeAt(from)!;
    const step = this.#of.step();
    // Whole columns: half a column would be drawn as if it were one.
    const first = Math.floor(Math.min(begin, time) / step) * step;
    const end = Math.ceil(Math.max(begin, time) / step) * step;
    this.#leave();
    this.#group.select({ from: first, to: Math.max(end, first + 2 * step) });
  }

  #end(): void {
    this.#dragFrom = null;
    this.#isDrag = false;
    this.#of.range(null, 0);
  }

  #leave(): void {
    this.#time = null;
    this.#group.hover(null);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.#handles(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #handles(key: string): boolean {
    const span = this.#of.span();
    if (span === null) return false;
    const step = this.#of.step();
    const last = span.to - step / 2;
    const now = this.#time ?? last;
    if (key === "Enter") return this.#of.open(now, null, null);
    if (key === "Escape") {
      if (this.#time === null) return this.#group.escape();
      this.#leave();
      return true;
    }
    const to = {
      ArrowLeft: this.#time === null ? last : now - step,
      ArrowRight: this.#time === null ? last : now + step,
      Home: span.from + step / 2,
      End: last,
    }[key];
    if (to === undefined) return false;
    this.#stand(Math.min(last, Math.max(span.from + step / 2, to)), span);
    return true;
  }

  /** Puts the crosshair at a time, by a key. */
  #stand(time: number, span: Span): void {
    this.#time = time;
    this.#group.hover(time);
    const { left, top, width } = this.#of.box();
    const at = this.#canvas.getBoundingClientRect();
    const x = left + (time - span.from) / (span.to - span.from) * width;
    const tip = this.#of.tip(time, null, null);
    this.#show(tip, at.left + x, at.top + top);
    if (tip !== null) this.#of.say(tipText(tip));
  }

  #show(tip: Tip | null, x: number, y: number): void {
    const { tooltip } = this.#group.app;
    this.#canvas.classList.toggle("opens", tip?.opens === true);
    if (tip === null) return tooltip.hide();
    tooltip.show(tipOf(tip, this.#group.theme), x, y);
  }
}
