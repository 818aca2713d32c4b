/** The sheet of failed and slow traces. */
import type { App } from "../../core/app.ts";
import { attrs, el, keyed, setText } from "../../core/dom.ts";
import { ago, seconds, wholeNumber, words } from "../../core/units.ts";
import { glyph, type GlyphName } from "../../parts/glyphs.ts";
import { routeKey } from "../../parts/requests.ts";
import { endOfTrace } from "../../parts/trace_book.ts";
import type { Entry } from "./worst.ts";

/** Facts that the words depend on, beside the entries. */
export interface WorstContext {
  readonly now: number;
  /** Seconds from which on a trace is called slow. */
  readonly slowFrom: number;
}

class Row {
  readonly element = el("a", "worst-row");
  readonly #glyph = el("span");
  readonly #method = el("span", "method");
  readonly #name = el("span", "worst-name");
  readonly #figure = el("b", "worst-figure");
  readonly #cause = el("span", "worst-cause cut");
  readonly #age = el("span", "worst-age faint");

  #shown: GlyphName | null = null;

  constructor(isFailed: boolean) {
    attrs(this.element, { "data-row": "" });
    this.element.classList.toggle("failed", isFailed);
    this.element.append(
      this.#glyph,
      el("span", "worst-route mono", this.#method, this.#name),
      this.#figure,
      this.#cause,
      this.#age,
    );
  }

  show(entry: Entry, app: App, { now, slowFrom }: WorstContext): void {
    const { count, newest, method, name, cause, isFailed } = entry;
    const isSlow = newest.ms / 1000 >= slowFrom;
    const shown = isFailed ? "failed" : isSlow ? "slow" : "fine";
    if (shown !== this.#shown) this.#glyph.replaceChildren(glyph(shown));
    this.#shown = shown;
    const took = words(seconds(newest.ms / 1000));
    setText(this.#method, method);
    setText(this.#name, name);
    setText(this.#figure, count > 1 ? `${wholeNumber(count)} ×` : took);
    setText(this.#cause, cause);
    setText(this.#age, ago(endOfTrace(newest), now));
    const route = newest.route === ""
      ? ""
      : routeKey(newest.method, newest.route);
    const to = count > 1
      ? { view: "traces", path: [], route, rest: { list: "failed" } } as const
      : { view: "traces", path: [newest.id], rest: {} } as const;
    attrs(this.element, {
      href: app.location.href(to),
      title: count > 1
        ? `${count} traces failed with ${cause || "this route"}`
        : `${isFailed ? "Failed after" : "Took"} ${took}`,
    });
  }
}

/** The list. */
export class WorstList {
  readonly element = el("section", "sheet worst");
  readonly #app: App;
  readonly #list = el("div", "worst-rows");
  readonly #empty = el("p", "serif worst-empty");
  readonly #rows = new WeakMap<Element, Row>();
  readonly #all = el("a", "end link-quiet", "all traces");

  constructor(app: App) {
    this.#app = app;
    this.element.append(
      el("div", "sheet-head", el("h2", "", "Failed and slow"), this.#all),
      this.#list,
      this.#empty,
    );
  }

  /** Shows entries; `reason` says why there are none. */
  show(
    entries: readonly Entry[],
    reason: string,
    context: WorstContext,
  ): void {
    attrs(this.#all, {
      href: this.#app.location.href({ view: "traces", path: [], rest: {} }),
    });
    keyed(
      this.#list,
      entries,
      ({ key }) => key,
      ({ isFailed }) => {
        const row = new Row(isFailed);
        this.#rows.set(row.element, row);
        return row.element;
      },
      (element, entry) =>
        this.#rows.get(element)!.show(entry, this.#app, context),
    );
    this.#empty.hidden = entries.length > 0;
    setText(this.#empty, reason);
  }
}
