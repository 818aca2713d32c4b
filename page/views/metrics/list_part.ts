/**
 * The list of families at the left: search, kinds, order, and a line a family.
 */
import type { FamilyInfo } from "../../../src/dashboard/protocol.ts";
import type { ChartGroup } from "../../charts/group.ts";
import { Sparkline } from "../../charts/sparkline.ts";
import type { App } from "../../core/app.ts";
import {
  attrs,
  button,
  h,
  keyed,
  setChildren,
  setText,
} from "../../core/dom.ts";
import { wholeNumber } from "../../core/units.ts";
import { glyph } from "../../parts/glyphs.ts";
import type { FamilyColumns } from "./family_columns.ts";
import {
  type FamilyList,
  familyList,
  type Found,
  type Order,
  ORDERS,
  type Row,
  searchWords,
} from "./family_list.ts";
import { kindGlyph } from "./kind_glyphs.ts";
import { isFull, type Kind, KINDS } from "./names.ts";
import { breakable } from "../../parts/breakable.ts";

const KIND_WORDS: Readonly<Record<Kind, string>> = {
  all: "All",
  counter: "Counters",
  gauge: "Gauges",
  histogram: "Histograms",
  other: "Other",
};

/** A line of the list, with its parts that change. */
interface Line {
  readonly element: HTMLLIElement;
  readonly link: HTMLAnchorElement;
  readonly found: HTMLElement;
  readonly count: HTMLElement;
  readonly spark: Sparkline;
}

/** The list of families. */
export class ListPart {
  readonly element: HTMLElement;
  readonly #field: HTMLInputElement;
  text = "";
  kind: Kind = "all";
  order: Order = "series";

  readonly #app: App;
  readonly #charts: ChartGroup;
  readonly #columns: FamilyColumns;
  readonly #kinds = new Map<Kind, HTMLButtonElement>();
  readonly #orders = new Map<Order, HTMLButtonElement>();
  readonly #sum = h("span", { class: "dim" });
  readonly #searched = h("p", { class: "metrics-searched faint" });
  readonly #lines = h("ul", { class: "metrics-families" });
  readonly #empty = h("div", { class: "metrics-none" });
  readonly #known = new Map<number, Line>();
  #list: FamilyList | null = null;
  #revealed = 0;

  constructor(app: App, charts: ChartGroup, columns: FamilyColumns) {
    this.#app = app;
    this.#charts = charts;
    this.#columns = columns;
    this.#field = h("input", {
      class: "field",
      type: "search",
      "aria-label": "Search families",
      placeholder: "Search name, help, label or value",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#change({ text: this.#field.value }),
      onkeydown: ({ key }: KeyboardEvent) => {
        if (key === "Enter") this.#lines.querySelector("a")?.click();
      },
    });
    for (const kind of KINDS) {
      const tab = button("", "", () => this.#change({ kind }));
      this.#kinds.set(kind, tab);
    }
    for (const order of ORDERS) {
      const head = button("", order, () => this.#change({ order }));
      this.#orders.set(order, head);
    }
    this.element = h(
      "section",
      { class: "sheet metrics-list", "aria-label": "Families" },
      // The heading of the view while no family is shown.
      h("h1", { class: "unseen" }, "Metrics"),
      h(
        "div",
        { class: "metrics-search" },
        this.#field,
        h("kbd", { class: "keycap", "aria-hidden": "true" }, "/"),
      ),
      h(
        "div",
        { class: "metrics-kinds", role: "group", "aria-label": "Kind" },
        ...this.#kinds.values(),
      ),
      this.#searched,
      h(
        "div",
        { class: "metrics-order" },
        this.#sum,
        h(
          "span",
          { class: "metrics-orders", role: "group", "aria-label": "Order" },
          ...this.#orders.values(),
        ),
      ),
      this.#lines,
      this.#empty,
    );
  }

  #change(change: Partial<Pick<ListPart, "text" | "kind" | "order">>): void {
    Object.assign(this, change);
    this.#list = null;
    this.#revealed = 0;
    this.#app.redraw();
  }

  /** Whether the list was asked for another selection or order. */
  get isDirty(): boolean {
    return this.#list === null;
  }

  /** Whether all families are asked for: to search or to compare all of them. */
  get isWide(): boolean {
    return this.order === "change" || searchWords(this.text).length > 0;
  }

  /** The family beside another one in the list; undefined at its ends. */
  beside(family: FamilyInfo | undefined, by: 1 | -1): FamilyInfo | undefined {
    const rows = this.#list?.rows ?? [];
    const at = rows.findIndex(({ info }) => info.id === family?.id);
    return rows[at < 0 ? 0 : at + by]?.info;
  }

  /** The first family of the list. */
  get first(): FamilyInfo | undefined {
    return this.#list?.rows[0]?.info;
  }

  /** Draws the list. `isNew`: families have changed. */
  update(
    chosen: FamilyInfo | undefined,
    isNew: boolean,
    hasData: boolean,
    mustDraw: boolean,
  ): void {
    // Another order under the pointer would open the wrong family.
    const mayMove = !this.#lines.matches(":hover");
    const isStale = isNew || (hasData && this.order === "change" && mayMove);
    if (this.#list === null || isStale) this.#read();
    this.#draw(chosen);
    this.#reveal(chosen);
    if (hasData || mustDraw || isNew) this.#drawSparks();
  }

  #read(): void {
    const { store } = this.#app;
    for (const id of this.#known.keys()) {
      if (!store.families.has(id)) this.#known.delete(id);
    }
    this.#list = familyList(store.families.values(), {
      text: this.text,
      kind: this.kind,
      order: this.order,
      values: ({ id }) => store.series(id).map(({ info }) => info.values),
      change: (family) => this.#columns.changeOf(family),
    });
  }

  #draw(chosen: FamilyInfo | undefined): void {
    const { rows, counts, series } = this.#list!;
    const { families } = this.#app.store;
    for (const [kind, tab] of this.#kinds) {
      attrs(tab, { "aria-pressed": String(this.kind === kind) });
      if (tab.childElementCount === 0) {
        tab.append(`${KIND_WORDS[kind]}\u00a0`, h("span", { class: "count" }));
      }
      setText(tab.lastElementChild!, String(counts[kind]));
    }
    for (const [order, head] of this.#orders) {
      const isPressed = this.order === order;
      attrs(head, { "aria-pressed": String(isPressed) });
      setText(head, isPressed ? `${order}\u00a0${ARROWS[order]}` : order);
    }
    const all = rows.length === families.size ? "" : ` of ${families.size}`;
    const noun = families.size === 1 ? "family" : "families";
    setText(
      this.#sum,
      `${rows.length}${all} ${noun}, ${wholeNumber(series)} series`,
    );
    this.#sayWhatWasSearched();
    keyed(
      this.#lines,
      rows,
      ({ info }) => String(info.id),
      ({ info }) => this.#makeLine(info),
      (_, row) => this.#drawLine(row, chosen),
    );
    this.#empty.hidden = rows.length > 0 || this.#app.store.hello === null;
    if (!this.#empty.hidden) this.#sayNone();
  }

  #sayWhatWasSearched(): void {
    const { store } = this.#app;
    const isSearching = searchWords(this.text).length > 0;
    this.#searched.hidden = !isSearching;
    if (!isSearching) return;
    let loaded = 0;
    let labelled = 0;
    for (const { id, labels } of store.families.values()) {
      if (labels.length === 0) continue;
      labelled++;
      if (store.isLoaded(id)) loaded++;
    }
    const values = loaded === labelled
      ? "all values"
      : `the values of ${loaded} of ${labelled} families`;
    setText(this.#searched, `Searched: names, help, labels, ${values}.`);
  }

  #sayNone(): void {
    const isSearching = searchWords(this.text).length > 0;
    const sentence = isSearching || this.kind !== "all"
      ? "No family matches."
      : "No family is declared yet.";
    if (this.#empty.firstChild?.textContent === sentence) return;
    setChildren(this.#empty, h("p", { class: "serif" }, sentence));
    if (!isSearching && this.kind === "all") return;
    this.#empty.append(button("button", "Show all families", () => {
      this.#field.value = "";
      this.#change({ text: "", kind: "all" });
    }));
  }

  #makeLine(info: FamilyInfo): HTMLLIElement {
    const name = h("span", { class: "metrics-name" }, breakable(info.name));
    const found = h("span", { class: "metrics-found faint" });
    const count = h("span", { class: "metrics-count" });
    const spark = new Sparkline(this.#charts, 18);
    const link = h(
      "a",
      { class: "metrics-line" },
      kindGlyph(info.type),
      h("span", { class: "metrics-words" }, name, found),
      spark.element,
      count,
    );
    const element = h("li", null, link);
    this.#known.set(info.id, { element, link, found, count, spark });
    return element;
  }

  #drawLine({ info, found }: Row, chosen: FamilyInfo | undefined): void {
    const line = this.#known.get(info.id)!;
    attrs(line.link, {
      href: this.#app.location.href({ path: [info.name], rest: {} }),
      "aria-current": info.id === chosen?.id ? "true" : null,
    });
    line.found.hidden = found === null;
    if (found !== null) setText(line.found, foundWords(found));
    const full = isFull(info);
    line.count.classList.toggle("bad", full);
    if (this.order === "change") {
      setText(line.count, changeWords(this.#columns.changeOf(info)));
    } else if (full) {
      setChildren(
        line.count,
        glyph("full", "full:"),
        wholeNumber(info.series),
      );
    } else setText(line.count, wholeNumber(info.series));
  }

  /** Scrolls a newly chosen family into view. */
  #reveal(chosen: FamilyInfo | undefined): void {
    if (chosen === undefined || chosen.id === this.#revealed) return;
    const line = this.#known.get(chosen.id);
    if (line === undefined || !line.element.isConnected) return;
    this.#revealed = chosen.id;
    line.link.scrollIntoView({ block: "nearest" });
  }

  #drawSparks(): void {
    const { from, step, columns } = this.#app.store.axis;
    const span = { from, to: from + step * columns };
    for (const { info } of this.#list!.rows) {
      const line = this.#known.get(info.id)!;
      const track = this.#columns.trackOf(info);
      line.spark.element.classList.toggle("none", track === null);
      if (track === null) continue;
      line.spark.draw({ track, span, colour: "text2" });
    }
  }
}

const ARROWS: Readonly<Record<Order, string>> = {
  series: "↓",
  name: "↑",
  change: "↓",
};

function foundWords({ where, label, value }: Found): string {
  switch (where) {
    case "help":
      return "in its help";
    case "label":
      return `label ${label}`;
    case "value":
      return `${label} = ${value}`;
  }
}

function changeWords(change: number | null): string {
  if (change === null) return "–";
  if (!Number.isFinite(change)) return change > 0 ? "new" : "gone";
  const percent = change * 100;
  if (Math.abs(percent) < 0.5) return "±0\u00a0%";
  const sign = percent > 0 ? "+" : "−";
  const size = Math.abs(percent);
  return size >= 1000
    ? `×\u00a0${wholeNumber(change + 1)}`
    : `${sign}${size.toFixed(0)}\u00a0%`;
}
