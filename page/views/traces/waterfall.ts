/** The waterfall of a trace: rows of spans over one axis of time. */
import type {
  Trace,
  TraceSpan,
} from "../../../src/dashboard/protocol_traces.ts";
import { attrs, h, setChildren } from "../../core/dom.ts";
import { onResize } from "../../core/sizes.ts";
import { seconds, words } from "../../core/units.ts";
import { type VirtualList, virtualList } from "../../parts/virtual_list.ts";
import { type FoldRow, hasText, type Row, Tree } from "./rows.ts";
import { rowCells } from "./span_row.ts";
import { type Timeline, timeline } from "./timeline.ts";

/** Number of rows from which on the list scrolls and is virtual. */
const VIRTUAL_FROM = 200;
/** Heights of rows in pixels, and the width of the column of names. */
const ROW = 30;
const PHONE_ROW = 46;
const NAMES = 292;
/** Id of the element of the selected row. */
const SELECTED = "selected-span";

/** Actions that the waterfall calls. */
export interface WaterfallActions {
  readonly select: (span: TraceSpan) => void;
  readonly redraw: () => void;
}

/** A waterfall. */
export class Waterfall {
  readonly element = h("div", { class: "waterfall" });
  readonly #actions: WaterfallActions;
  readonly #axis = h("div", { class: "waterfall-axis" });
  readonly #grid = h("div", { class: "waterfall-grid" });
  readonly #cuts = h("div", { class: "waterfall-cuts" });
  readonly #place = h("div", { class: "waterfall-rows" });
  readonly #openFolds = new Set<string>();
  readonly #openGaps = new Set<number>();
  #list: VirtualList<Row> | null = null;
  #rowHeight = 0;
  #trace: Trace | null = null;
  #tree: Tree | null = null;
  #rows: readonly Row[] = [];
  #colours: ReadonlyMap<string, number> = new Map();
  #timeline: Timeline | null = null;
  #selected = "";
  /** Key of the fold that the keys have reached; empty if they are on a span. */
  #fold = "";
  /** The span that was scrolled into view last. */
  #revealed = "";
  #text = "";
  #hits: ReadonlySet<TraceSpan> | null = null;
  #width = 0;
  /** Changes with everything that a row's content depends on. */
  #version = 0;
  #shownVersion = -1;
  readonly #drawn = new WeakMap<Element, string>();

  constructor(actions: WaterfallActions) {
    this.#actions = actions;
    this.element.append(this.#axis, this.#grid, this.#place, this.#cuts);
    this.#place.addEventListener("keydown", (event) => this.#key(event));
    onResize(this.element, (width) => {
      if (width === this.#width) return;
      this.#width = width;
      this.#changed();
    });
  }

  /** Number of spans that the search has found; null without a search. */
  get hits(): number | null {
    return this.#hits?.size ?? null;
  }

  /** Shows a trace; `colours` are the numbers of its services. */
  setTrace(trace: Trace, colours: ReadonlyMap<string, number>): void {
    if (trace.id !== this.#trace?.id) {
      this.#openFolds.clear();
      this.#openGaps.clear();
      this.#fold = "";
      this.#revealed = "";
    }
    this.#trace = trace;
    this.#colours = colours;
    this.#tree = new Tree(trace.all);
    this.#search();
    this.#changed();
  }

  /** Marks the spans with `text` in a name or an attribute. */
  setText(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#search();
    this.#changed();
  }

  /**
   * Selects a span. One that the user has chosen is scrolled into view, and the
   * fold that it is in opens.
   */
  select(id: string, isChosen: boolean): void {
    if (id !== this.#selected) {
      this.#fold = "";
      this.#changed();
    }
    this.#selected = id;
    const isNew = isChosen && id !== this.#revealed;
    this.#revealed = isChosen ? id : "";
    if (!isNew) return;
    const path = this.#tree?.pathTo(id) ?? new Set();
    this.#tree?.rows((fold) => {
      if (fold.spans.some((span) => path.has(span))) {
        this.#openFolds.add(fold.key);
      }
      return this.#isOpen(fold);
    });
    this.#changed();
    this.draw();
    const at = this.#rows.findIndex((row) =>
      row.kind === "span" && row.span.id === id
    );
    if (at >= 0) this.#list?.reveal(at);
  }

  /** Moves the selection by rows. On a fold, `toggle` opens and closes it. */
  move(by: 1 | -1): void {
    this.draw(); // the key before this one may have opened a fold
    const rows = this.#rows.filter(({ kind }) => kind !== "missing");
    const at = rows.findIndex((row) => this.#isSelected(row));
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
    const row = rows[Math.min(rows.length - 1, Math.max(0, next))];
    if (row !== undefined) {
      if (row.kind === "span") this.#choose(row.span);
      else this.#reach(row.kind === "fold" ? row.key : "");
      this.#list?.reveal(this.#rows.indexOf(row));
    }
    this.#list?.element.focus({ preventScroll: true });
  }

  /** Opens or closes the fold that is selected; false without one. */
  toggle(): boolean {
    const row = this.#rows.find((row) => this.#isSelected(row));
    if (row?.kind === "fold") this.#click(row);
    return row?.kind === "fold";
  }

  /** Selects the next span that `matches`, in the order of the rows. */
  jump(matches: (span: TraceSpan) => boolean): void {
    const all = this.#tree?.rows(() => true) ?? [];
    const spans = all.flatMap((row) => row.kind === "span" ? [row.span] : []);
    const at = spans.findIndex(({ id }) => id === this.#selected);
    const ahead = [...spans.slice(at + 1), ...spans.slice(0, at + 1)];
    const found = ahead.find(matches);
    if (found !== undefined) this.#choose(found);
  }

  /** Selects the next span that the search has found. */
  jumpToHit(): void {
    this.jump((span) => this.#hits?.has(span) === true);
  }

  /** Draws if something has changed since the last time. */
  draw(): void {
    const tree = this.#tree;
    if (tree === null || this.#width === 0) return;
    if (this.#shownVersion === this.#version) return;
    const isPhone = this.#width < 560;
    this.element.classList.toggle("narrow", isPhone);
    this.#rows = tree.rows((fold) => this.#isOpen(fold));
    const list = this.#listOf(isPhone ? PHONE_ROW : ROW);
    list.element.classList.toggle(
      "waterfall-tall",
      this.#rows.length >= VIRTUAL_FROM,
    );
    // Scroll bars take their part of the width.
    const names = isPhone ? 0 : NAMES;
    const width = (list.element.clientWidth || this.#width) - names;
    const axis = timeline(
      this.#trace!.all.map(({ startMs, ms }) => ({
        from: startMs,
        to: startMs + ms,
      })),
      width,
      (from) => this.#openGaps.has(from),
    );
    if (axis.width !== this.#timeline?.width) this.#version++;
    this.#shownVersion = this.#version;
    this.#timeline = axis;
    this.#drawAxis(axis, names);
    list.setItems(this.#rows);
    const selected = this.#rows.find((row) => this.#isSelected(row));
    const isShown = selected && list.row(selected.key) !== undefined;
    attrs(list.element, {
      "aria-activedescendant": isShown ? SELECTED : null,
    });
    // The rows may have brought a scroll bar, or taken it away.
    if ((list.element.clientWidth || this.#width) - names !== width) {
      this.#changed();
    }
  }

  #changed(): void {
    this.#version++;
    this.#actions.redraw();
  }

  #search(): void {
    this.#hits = this.#text === "" || this.#trace === null ? null : new Set(
      this.#trace.all.filter((span) => hasText(span, this.#text)),
    );
  }

  /** Returns whether a row is selected; a closed fold, if its span is. */
  #isSelected(row: Row): boolean {
    if (this.#fold !== "") return row.key === this.#fold;
    if (row.kind === "span") return row.span.id === this.#selected;
    return row.kind === "fold" && !row.isOpen &&
      row.spans.some(({ id }) => id === this.#selected);
  }

  #isOpen({ key, spans }: FoldRow): boolean {
    return this.#openFolds.has(key) ||
      spans.some((span) => this.#hits?.has(span));
  }

  #listOf(rowHeight: number): VirtualList<Row> {
    if (this.#list !== null && this.#rowHeight === rowHeight) return this.#list;
    this.#rowHeight = rowHeight;
    this.#list = virtualList<Row>({
      rowHeight,
      class: "waterfall-list",
      role: "tree",
      rowRole: "treeitem",
      label: "Spans",
      keyOf: ({ key }) => key,
      make: () => h("div", { class: "span-row" }),
      update: (element, row) => this.#drawRow(element, row),
    });
    this.#place.replaceChildren(this.#list.element);
    return this.#list;
  }

  #drawAxis(axis: Timeline, names: number): void {
    const at = (element: HTMLElement, x: number): HTMLElement => {
      element.style.left = `${names + x}px`;
      return element;
    };
    setChildren(
      this.#axis,
      axis.ticks.map(({ x, text, isStart }) =>
        at(
          h("span", { class: isStart ? "axis-start" : "axis-tick" }, text),
          x,
        )
      ),
    );
    setChildren(
      this.#grid,
      axis.ticks.map(({ x }) => at(h("i"), Math.round(x))),
    );
    const cuts = axis.pieces.filter(({ isCut }) => isCut).map((gap) => {
      const length = words(seconds((gap.to - gap.from) / 1000));
      const cut = h("button", {
        type: "button",
        class: "waterfall-cut",
        "aria-label": `${length} without a span: show it at full length`,
        title: `${length} without a span`,
        onclick: () => this.#toggleGap(gap.from),
      }, h("span", null, length));
      cut.style.width = `${gap.width}px`;
      return at(cut, gap.x);
    });
    const opened = axis.opened.map((gap) => {
      const length = words(seconds((gap.to - gap.from) / 1000));
      const close = h("button", {
        type: "button",
        class: "waterfall-close",
        onclick: () => this.#toggleGap(gap.from),
      }, `cut ${length}`);
      return at(close, gap.x + gap.width / 2);
    });
    setChildren(this.#cuts, cuts, opened);
  }

  #toggleGap(from: number): void {
    if (!this.#openGaps.delete(from)) this.#openGaps.add(from);
    this.#changed();
  }

  #drawRow(element: HTMLElement, row: Row): void {
    const isSelected = this.#isSelected(row);
    const isHit = this.#hits === null
      ? null
      : row.kind === "span"
      ? this.#hits.has(row.span)
      : row.kind === "fold";
    attrs(element, {
      "aria-level": String(row.depth + 1),
      "aria-selected": row.kind === "missing" ? null : String(isSelected),
      "aria-expanded": row.kind === "fold" ? String(row.isOpen) : null,
      id: isSelected ? SELECTED : null,
    });
    element.classList.toggle("dimmed", isHit === false);
    element.classList.toggle("hit", isHit === true && row.kind === "span");
    const version = `${this.#version} ${row.key}`;
    if (this.#drawn.get(element) === version) return;
    this.#drawn.set(element, version);
    element.classList.toggle("missing", row.kind === "missing");
    element.classList.toggle("fold", row.kind === "fold");
    element.onclick = () => this.#click(row);
    const isNarrow = this.#rowHeight === PHONE_ROW;
    setChildren(
      element,
      rowCells(row, this.#timeline!, isNarrow, this.#colourOf(row)),
    );
  }

  /** The keys of a tree. */
  #key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if (event.key !== "Enter" || !this.toggle()) return;
    event.preventDefault();
  }

  #click(row: Row): void {
    if (row.kind === "span") return this.#choose(row.span);
    if (row.kind === "fold" && !this.#openFolds.delete(row.key)) {
      this.#openFolds.add(row.key);
    }
    this.#reach(row.kind === "fold" ? row.key : "");
  }

  /** Selects a span at once: the next key may come before the page has drawn. */
  #choose(span: TraceSpan): void {
    this.#selected = span.id;
    this.#reach("");
    this.#actions.select(span);
  }

  /** Puts the keys on a fold, or with "" on the span that is selected. */
  #reach(fold: string): void {
    this.#fold = fold;
    this.#changed();
  }

  #colourOf(row: Row): string {
    return `c${this.#colours.get(row.service) ?? 0}`;
  }
}
