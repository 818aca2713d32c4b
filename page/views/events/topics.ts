/** The topics of the tail: check boxes with their rates. */
import type { App } from "../../core/app.ts";
import { attrs, h, keyed, setText } from "../../core/dom.ts";
import { plain, words } from "../../core/units.ts";
import { allTopics, topicsOn, withTopic } from "./tail.ts";

/** The family that counts events by topic. */
const FAMILY = "barograph_events_published_total";
/** Seconds over which rates are measured: counts are sampled every 10 s. */
const WINDOW = 30;

/** The topics of the page. */
export class Topics {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #list = h("div", { class: "topic-list" });
  readonly #seen = new Set<string>();

  constructor(app: App) {
    this.#app = app;
    this.element = h(
      "section",
      { class: "sheet topics", "aria-label": "Topics" },
      h(
        "div",
        { class: "sheet-head" },
        h("h2", null, "Topics"),
        h("span", { class: "note" }, "events a second"),
      ),
      this.#list,
    );
  }

  /** All topics, in their order. */
  get all(): readonly string[] {
    return allTopics(this.#seen);
  }

  /** The topics that are on. */
  get on(): ReadonlySet<string> {
    return topicsOn(this.#app.location.now.rest["topics"], this.all);
  }

  /** Returns the part of `want` that the feed must carry. */
  want(): string {
    const { all, on } = this;
    const chosen = all.filter((topic) => on.has(topic));
    const family = this.#app.store.family(FAMILY);
    return [
      ...chosen.length === 0 ? [] : [`events:${chosen.join(",")}`],
      ...family === undefined ? [] : [`f:${family.id}`],
    ].join(";");
  }

  update(): void {
    const rates = this.#rates();
    for (const topic of rates.keys()) this.#seen.add(topic);
    for (const item of this.#app.store.events) {
      if ("topic" in item) this.#seen.add(item.topic);
    }
    const { on } = this;
    keyed(
      this.#list,
      this.all,
      (topic) => topic,
      (topic) => this.#make(topic),
      (row, topic) => {
        const [box, , rate] = row.children;
        (box as HTMLInputElement).checked = on.has(topic);
        const value = rates.get(topic);
        setText(rate!, value === undefined ? "" : rateWords(value));
        attrs(row, { "data-idle": value === 0 ? "" : null });
      },
    );
  }

  #make(topic: string): HTMLElement {
    return h(
      "label",
      { class: "topic" },
      h("input", {
        type: "checkbox",
        onchange: () => this.#toggle(topic),
      }),
      h("span", { class: "mono cut", title: topic }, topic),
      h("span", { class: "topic-rate" }),
    );
  }

  #toggle(topic: string): void {
    const { location } = this.#app;
    location.go({
      rest: {
        ...location.now.rest,
        topics: withTopic(this.on, topic, this.all),
      },
    });
  }

  /** Returns the events a second of each topic that was ever published. */
  #rates(): Map<string, number> {
    const { store } = this.#app;
    const rates = new Map<string, number>();
    const family = store.family(FAMILY);
    if (family === undefined) return rates;
    const { step } = store.axis;
    const columns = Math.max(1, Math.round(WINDOW / step));
    for (const { info, values } of store.series(family.id)) {
      let sum = 0;
      let known = 0;
      for (const value of values.slice(-columns)) {
        if (Number.isNaN(value)) continue;
        sum += value;
        known++;
      }
      if (known > 0) rates.set(info.values[0] ?? "", sum / (known * step));
    }
    return rates;
  }
}

function rateWords(rate: number): string {
  return rate === 0 ? "0" : `${words(plain(Number(rate.toPrecision(2))))}/s`;
}
