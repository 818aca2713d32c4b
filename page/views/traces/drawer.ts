/** The drawer below the waterfall: the selected span in three columns. */
import type {
  Trace,
  TraceSpan,
} from "../../../src/dashboard/protocol_traces.ts";
import type { ChartGroup } from "../../charts/mod.ts";
import type { App } from "../../core/app.ts";
import { type Content, h, setChildren } from "../../core/dom.ts";
import { CountedPanel } from "./counted_panel.ts";
import {
  errorOf,
  kindWords,
  sinceWords,
  tookWords,
  valueText,
} from "./words.ts";
import { breakable } from "../../parts/breakable.ts";

/** The drawer. */
export class Drawer {
  readonly element = h("div", { class: "drawer" });
  readonly #app: App;
  readonly #span = h("div", { class: "drawer-part" });
  readonly #events = h("div", { class: "drawer-part" });
  readonly #counted: CountedPanel;
  #shown: TraceSpan | null = null;

  constructor(app: App, group: ChartGroup) {
    this.#app = app;
    this.#counted = new CountedPanel(app, group);
    this.element.append(this.#span, this.#counted.element, this.#events);
  }

  /** Shows a span of a trace. */
  draw(trace: Trace, span: TraceSpan, mustDraw: boolean): void {
    this.#counted.draw(span, mustDraw);
    if (span === this.#shown) return;
    this.#shown = span;
    setChildren(this.#span, this.#spanParts(span));
    setChildren(this.#events, this.#eventParts(trace, span));
  }

  #spanParts(span: TraceSpan): Content[] {
    const error = errorOf(span);
    const facts: [string, string][] = [
      ["started", sinceWords(span.startMs)],
      ["took", tookWords(span)],
      ...Object.entries(span.attributes)
        .sort(([a], [b]) => a < b ? -1 : 1)
        .map(([name, value]): [string, string] => [name, valueText(value)]),
    ];
    return [
      h("h3", null, "Selected span"),
      h(
        "p",
        { class: "mono drawer-name" },
        h("b", null, span.name),
        " ",
        h("span", { class: "faint" }, kindWords(span)),
      ),
      error && h(
        "div",
        { class: "drawer-error" },
        h("b", { class: "bad" }, `✕ ${error.type}`),
        error.message === "" ? null : h("p", null, error.message),
      ),
      factsOf(facts),
    ];
  }

  #eventParts(trace: Trace, span: TraceSpan): Content[] {
    const { events, links } = span;
    const children = trace.all.filter(({ parent, id, startMs }) =>
      parent === span.id && id !== span.id && startMs > span.startMs + span.ms
    );
    return [
      h(
        "h3",
        null,
        "Events of this span",
        events.length > 0 && h("span", { class: "faint" }, ", from its start"),
      ),
      events.length === 0 ? h("p", { class: "dim" }, "It has no events.") : h(
        "ul",
        { class: "drawer-events" },
        events.map((event) => this.#event(event, span)),
      ),
      links.length + children.length === 0
        ? null
        : h("h3", { class: "drawer-links" }, "Links"),
      children.map((child) =>
        h(
          "p",
          null,
          h("a", {
            class: "link mono",
            href: this.#app.location.href({ path: [trace.id, child.id] }),
          }, `↳ ${child.name}`),
          h(
            "span",
            { class: "drawer-note" },
            `${child.service}, ${
              sinceWords(child.startMs - span.startMs - span.ms).slice(1)
            } later, same trace`,
          ),
        )
      ),
      links.map((link) =>
        h(
          "p",
          null,
          h("a", {
            class: "link mono",
            href: this.#app.location.href({ path: [link.trace, link.span] }),
          }, `↗ ${link.trace.slice(0, 8)}`),
          h(
            "span",
            { class: "drawer-note" },
            link.trace === trace.id ? "same trace" : "another trace",
          ),
        )
      ),
    ];
  }

  #event(
    { name, ms, attributes }: TraceSpan["events"][number],
    span: TraceSpan,
  ): HTMLElement {
    const isError = name === "exception";
    const type = attributes["exception.type"];
    const title = isError && typeof type === "string" ? type : name;
    const facts = Object.entries(attributes)
      .filter(([name]) => !(isError && name === "exception.type"))
      .map(([name, value]): [string, string] => [name, valueText(value)]);
    const line = h(
      "span",
      { class: isError ? "bad" : "" },
      `${isError ? "✕ " : ""}${title}`,
    );
    return h(
      "li",
      null,
      h("span", { class: "faint" }, sinceWords(ms - span.startMs)),
      facts.length === 0 ? line : h(
        "details",
        null,
        h("summary", null, line),
        factsOf(facts),
      ),
    );
  }
}

function factsOf(facts: readonly (readonly [string, string])[]): HTMLElement {
  return h(
    "dl",
    { class: "drawer-facts" },
    facts.map((
      [name, value],
    ) => [h("dt", null, breakable(name)), h("dd", null, value)]),
  );
}
