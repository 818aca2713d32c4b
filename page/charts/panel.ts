/**
 * The common part of all charts with a time axis: the figure with its text
 * alternatives, the ruling, gaps and notes, and the crosshair by pointer and keys.
 */
import type { Axis } from "../core/data.ts";
import { attrs, el, setText } from "../core/dom.ts";
import { type Format, tickWords, utc } from "../core/units.ts";
import type { ChartGroup, TimeMember } from "./group.ts";
import { Pointing } from "./pointing.ts";
import { multiples, type Scale, timeRuling } from "./scales.ts";
import { type Box, hatch, label, rules, Surface, widthOf } from "./surface.ts";
import { type DataTable, TableView } from "./table_view.ts";
import type { Colour } from "./theme.ts";
import type { Tip } from "./tip.ts";
import { endOf, type Span } from "./tracks.ts";
import { gapWords } from "./words.ts";

/** Words at a time: a deploy, a restart, the start of an incident. */
export interface Note {
  readonly time: number;
  readonly text: string;
  readonly colour: Colour;
}

/** Contents that all charts with a time axis have. */
export interface PanelData {
  readonly axis: Axis;
  readonly notes?: readonly Note[];
}

/** How a chart is made. */
export interface PanelOptions {
  /** Name for readers, such as "Failed requests". */
  readonly name: string;
  /** Height in pixels, with all margins. */
  readonly height: number;
  /** Whether times stand below it. Default: true. */
  readonly hasTimes?: boolean;
  /** Whether gaps are named, not only hatched. Default: true. */
  readonly namesGaps?: boolean;
  /** Space at the right for pens. Default: 102 pixels, 92 on phones. */
  readonly right?: number;
}

/** Narrower charts have narrower margins. */
const PHONE = 500;
const TOP = 12;
const TIMES = 24;
const FOOT = 8;

/** A chart with a time axis. */
export abstract class Panel<Data extends PanelData> implements TimeMember {
  readonly element = el("figure", "chart");
  protected readonly surface: Surface;
  protected readonly group: ChartGroup;
  protected readonly options: PanelOptions;
  protected data: Data | null = null;
  readonly #hair = el("div", "chart-hair");
  readonly #range = el("div", "chart-range");
  readonly #said = attrs(el("p", "unseen"), { "aria-live": "polite" });
  readonly #table: TableView;

  constructor(group: ChartGroup, options: PanelOptions) {
    this.group = group;
    this.options = options;
    this.surface = new Surface(group, options.height);
    this.#table = new TableView(
      options.name,
      () => this.data === null ? null : this.table(this.data),
    );
    const { canvas } = this.surface;
    attrs(canvas, { role: "img", tabindex: "0", "aria-label": options.name });
    this.#hair.hidden = true;
    this.#range.hidden = true;
    const paper = el("div", "chart-paper", canvas, this.#hair, this.#range);
    this.element.append(paper, this.#said, this.#table.element);
    group.join(this);
    new Pointing(canvas, group, {
      span: () => this.data === null ? null : this.span(this.data),
      box: () => this.box(),
      step: () => this.data === null ? 1 : this.step(this.data),
      tip: (time, x, y) => this.data && this.tip(this.data, time, x, y),
      open: (time, x, y) => this.data !== null && this.open(time, x, y),
      range: (from, to) => this.#showRange(from, to),
      say: (text) => setText(this.#said, text),
    });
  }

  /** Draws `data`, which is kept for the crosshair. */
  draw(data: Data): void {
    this.data = data;
    const context = this.surface.begin();
    if (context !== null) {
      const box = this.box();
      this.paint(context, box, data);
    }
    attrs(this.surface.canvas, {
      "aria-label": `${this.options.name}: ${this.sentence(data)}`,
    });
    this.#table.refresh();
  }

  /** Width of the plot in pixels; for choosing the width of columns. */
  get plotWidth(): number {
    return Math.max(0, this.box().width);
  }

  /** Takes the chart out of its group. */
  close(): void {
    this.group.leave(this);
  }

  /** Shows the crosshair at a time; null takes it away. */
  hair(time: number | null): void {
    const hair = this.#hair;
    const span = this.data && this.span(this.data);
    const isShown = time !== null && span !== null && time >= span.from &&
      time <= span.to;
    hair.hidden = !isShown;
    if (!isShown) return;
    const { left, top, width, height } = this.box();
    const x = left + (time - span.from) / (span.to - span.from) * width;
    hair.style.height = `${height}px`;
    hair.style.transform = `translate(${Math.round(x)}px, ${top}px)`;
  }

  /** Draws the chart itself; the context is clear. */
  protected abstract paint(
    context: CanvasRenderingContext2D,
    box: Box,
    data: Data,
  ): void;

  /** Returns a description of the chart, without its name. */
  protected abstract sentence(data: Data): string;

  /** Returns the same data as a table. */
  protected abstract table(data: Data): DataTable;

  /** Returns the words at a time, or at a mark at this point. */
  protected abstract tip(
    data: Data,
    time: number,
    x: number | null,
    y: number | null,
  ): Tip | null;

  /** Opens the mark at a point, or (without one) nearest to a time. */
  protected open(_time: number, _x: number | null, _y: number | null): boolean {
    return false;
  }

  /** Seconds by which the keys move the crosshair. */
  protected step(data: Data): number {
    return data.axis.step;
  }

  /** The time that is shown: the selection, or the whole axis. */
  protected span({ axis }: Data): Span {
    return this.group.selection ?? { from: axis.from, to: endOf(axis) };
  }

  /** The plot in pixels. */
  protected box(): Box {
    const { width, height } = this.surface;
    const isPhone = width < PHONE;
    const left = isPhone ? 50 : 56;
    const right = this.options.right ?? (isPhone ? 92 : 102);
    const foot = this.options.hasTimes === false ? FOOT : TIMES;
    return {
      left,
      top: TOP,
      width: width - left - right,
      height: height - TOP - foot,
    };
  }

  /** Returns the function from times to pixels. */
  protected xOf(box: Box, span: Span): (time: number) => number {
    const scale = box.width / (span.to - span.from);
    return (time) => box.left + (time - span.from) * scale;
  }

  /** Returns the function from values to pixels. */
  protected yOf(box: Box, scale: Scale): (value: number) => number {
    return (value) => box.top + box.height * (1 - scale.at(value));
  }

  /** Draws the rules and the labels of both axes. */
  protected rule(
    context: CanvasRenderingContext2D,
    box: Box,
    span: Span,
    scale: Scale,
    format: Format,
  ): void {
    const { theme } = this.surface;
    const x = this.xOf(box, span);
    const y = this.yOf(box, scale);
    const { minor, major } = timeRuling(span.to - span.from);
    const minors = box.height > 40 ? scale.minors : [];
    rules(
      context,
      theme.grid,
      box,
      multiples(span.from, span.to, minor).map(x),
      minors.map(y),
    );
    rules(
      context,
      theme.grid2,
      box,
      multiples(span.from, span.to, major).map(x),
      scale.majors.map(y),
    );
    if (!scale.isLog) rules(context, theme.rule2, box, [], [y(0)]);
    context.fillStyle = theme.text3;
    context.textAlign = "right";
    const texts = scale.isLog
      ? scale.majors.map((value) => tickWords([value], format)[0]!)
      : tickWords(scale.majors, format);
    scale.majors.forEach((value, i) => {
      const at = Math.min(
        box.top + box.height - 3,
        Math.max(box.top + 3, y(value)),
      );
      context.fillText(texts[i]!, box.left - 8, at);
    });
    if (this.options.hasTimes !== false) this.times(context, box, span, major);
  }

  /** Writes the times below the plot. */
  protected times(
    context: CanvasRenderingContext2D,
    box: Box,
    span: Span,
    major: number,
  ): void {
    const { theme } = this.surface;
    const x = this.xOf(box, span);
    const at = box.top + box.height + 14;
    const write = major % 60 === 0 ? utc.minutes : utc.seconds;
    // All digits have one width.
    const room = widthOf(context, write(0)) + 12;
    context.fillStyle = theme.text3;
    context.textAlign = "center";
    // "now" needs its place; a label must not stand out at the left.
    let free = box.left + room / 2 - 8;
    const end = box.left + box.width - room / 2 - 34;
    for (const time of multiples(span.from, span.to, major)) {
      if (x(time) < free || x(time) > end) continue;
      context.fillText(write(time), x(time), at);
      free = x(time) + room;
    }
    context.textAlign = "right";
    context.fillStyle = theme.text2;
    const last = this.group.selection === null ? "now" : utc.seconds(span.to);
    context.fillText(last, box.left + box.width, at);
  }

  /** Hatches missing time and names it. */
  protected gaps(
    context: CanvasRenderingContext2D,
    box: Box,
    data: Data,
  ): void {
    const { theme } = this.surface;
    const span = this.span(data);
    const x = this.xOf(box, span);
    let free = box.left;
    for (const gap of data.axis.gaps) {
      const left = Math.max(box.left, x(gap.from));
      const right = Math.min(box.left + box.width, x(gap.to));
      if (right - left < 1) continue;
      const hole = { ...box, left, width: right - left };
      context.fillStyle = theme.sheet;
      context.fillRect(left, box.top, right - left, box.height);
      hatch(context, theme.grid2, hole);
      if (this.options.namesGaps === false) continue;
      const text = gapWords(gap, box.width < 300);
      const width = widthOf(context, text) + 8;
      const at = right + 4 + width <= box.left + box.width
        ? right + 3
        : left - width - 3;
      if (at < free) continue;
      label(context, theme, theme.text2, text, at, box.top + 1);
      free = at + width;
    }
  }

  /** Draws dashed verticals with their words. */
  protected notes(
    context: CanvasRenderingContext2D,
    box: Box,
    data: Data,
  ): void {
    const { theme } = this.surface;
    const span = this.span(data);
    const end = box.left + box.width;
    for (const { time, text, colour } of data.notes ?? []) {
      if (time <= span.from || time > span.to) continue;
      const x = this.xOf(box, span)(time);
      context.setLineDash([2, 3]);
      rules(context, theme[colour], box, [x], []);
      context.setLineDash([]);
      const width = widthOf(context, text) + 8;
      const left = x + width + 6 > end ? x - width - 3 : x + 3;
      label(
        context,
        theme,
        theme[colour],
        text,
        Math.max(box.left, left),
        box.top + 1,
      );
    }
  }

  #showRange(from: number | null, to: number): void {
    const range = this.#range;
    range.hidden = from === null;
    if (from === null) return;
    const { top, height } = this.box();
    range.style.height = `${height}px`;
    range.style.width = `${Math.abs(to - from)}px`;
    range.style.transform = `translate(${Math.min(from, to)}px, ${top}px)`;
  }
}
