/** The right pane of the view: one trace with its waterfall and its spans. */
import type {
  Trace,
  TraceSpan,
} from "../../../src/dashboard/protocol_traces.ts";
import type { ChartGroup } from "../../charts/mod.ts";
import type { App, Changes } from "../../core/app.ts";
import { Colours } from "../../core/colours.ts";
import { attrs, button, h, setChildren, setText } from "../../core/dom.ts";
import { utc } from "../../core/units.ts";
import { glyph } from "../../parts/glyphs.ts";
import { empty, failed, loading } from "../../parts/states.ts";
import { Drawer } from "./drawer.ts";
import { Waterfall } from "./waterfall.ts";
import { msWords, nameOf, sentenceOf, servicesOf } from "./words.ts";

/** The right pane. */
export class TracePane {
  readonly element = h("section", {
    class: "sheet trace-pane",
    "aria-label": "Trace",
  });
  readonly #app: App;
  readonly #colours = new Colours();
  readonly #head = h("div", { class: "trace-head" });
  readonly #errors = button(
    "chip",
    "",
    () => this.#waterfall.jump((span) => span.failed),
  );
  readonly #hits = h("span", { class: "faint", "aria-live": "polite" });
  readonly #find: HTMLInputElement;
  readonly #waterfall: Waterfall;
  readonly #drawer: Drawer;
  readonly #body: HTMLElement;
  readonly #state = h("div");
  #asked = "";
  #trace: Trace | null = null;
  #error = "";
  #shown: Trace | null = null;

  constructor(app: App, group: ChartGroup) {
    this.#app = app;
    this.#drawer = new Drawer(app, group);
    this.#waterfall = new Waterfall({
      redraw: () => app.redraw(),
      select: (span) => this.#select(span),
    });
    this.#find = h("input", {
      type: "search",
      class: "field trace-find",
      placeholder: "Find a span or attribute",
      "aria-label": "Find a span by a name or an attribute",
      spellcheck: "false",
      autocomplete: "off",
      oninput: () => {
        this.#waterfall.setText(this.#find.value.trim().toLowerCase());
      },
      onkeydown: ({ key }: KeyboardEvent) => {
        if (key === "Enter") this.#waterfall.jumpToHit();
      },
    });
    this.#body = h(
      "div",
      { class: "trace-body" },
      this.#head,
      h(
        "div",
        { class: "trace-tools" },
        this.#find,
        this.#errors,
        this.#hits,
        legend(),
      ),
      this.#waterfall.element,
      this.#drawer.element,
    );
    this.element.append(this.#body, this.#state);
  }

  /** Whether a trace is shown. */
  get isOpen(): boolean {
    return this.#trace !== null;
  }

  /** Moves the selection by rows. */
  move(by: 1 | -1): void {
    this.#waterfall.move(by);
  }

  update(changes: Changes, mustDraw: boolean): void {
    const [id = "", spanId = ""] = this.#app.location.now.path;
    if (id !== this.#asked) this.#ask(id);
    else if (changes.traces) this.#askAgain();
    const trace = this.#trace;
    this.#drawState(id);
    this.#body.hidden = trace === null;
    if (trace === null) return;
    if (trace !== this.#shown) this.#drawTrace(trace);
    if (changes.events) this.#drawEvents(trace);
    const chosen = trace.all.find((span) => span.id === spanId);
    const selected = chosen ?? firstOf(trace);
    this.#waterfall.select(selected?.id ?? "", chosen !== undefined);
    this.#waterfall.draw();
    const { hits } = this.#waterfall;
    setText(this.#hits, hits === null ? "" : `${hits} of ${trace.all.length}`);
    this.#drawer.element.hidden = selected === undefined;
    if (selected !== undefined) this.#drawer.draw(trace, selected, mustDraw);
  }

  #ask(id: string): void {
    this.#asked = id;
    this.#trace = null;
    this.#error = "";
    if (id === "") return;
    this.#app.api.get<Trace>(`traces/${encodeURIComponent(id)}`).then(
      (trace) => {
        if (this.#asked === id) this.#trace = trace;
      },
      (reason: unknown) => {
        if (this.#asked === id) this.#error = (reason as Error).message;
      },
    ).finally(() => this.#app.redraw());
  }

  /** Reads the trace again if spans have come since. */
  #askAgain(): void {
    const trace = this.#trace;
    const news = this.#app.store.traces.findLast(({ id }) => id === trace?.id);
    if (trace === null || (news?.spans ?? 0) <= trace.spans) return;
    const { id } = trace;
    this.#app.api.get<Trace>(`traces/${encodeURIComponent(id)}`).then(
      (next) => {
        if (this.#asked === id) this.#trace = next;
        this.#app.redraw();
      },
      () => {}, // the trace that is shown stays
    );
  }

  #select(span: TraceSpan): void {
    const [id = ""] = this.#app.location.now.path;
    this.#app.location.go({ path: [id, span.id] }, true);
  }

  #drawState(id: string): void {
    const key = this.#trace !== null ? "" : this.#error || id || "none";
    if (this.#state.dataset["state"] === key) return;
    this.#state.dataset["state"] = key;
    if (key === "") return setChildren(this.#state);
    if (this.#error !== "") {
      return setChildren(
        this.#state,
        failed(
          "This trace cannot be shown.",
          this.#error,
          () => this.#ask(id),
        ),
        h("p", { class: "mono trace-lost-id" }, id),
      );
    }
    setChildren(
      this.#state,
      id === ""
        ? empty("Choose a trace: a row of the list, or a mark on the paper.")
        : loading(),
    );
  }

  #drawTrace(trace: Trace): void {
    this.#shown = trace;
    const services = servicesOf(trace.all);
    const colours = this.#colours.of(services.map(([name]) => name));
    const failures = trace.all.filter((span) => span.failed).length;
    const { method, rest } = nameOf(trace);
    const { location } = this.#app;
    const copy: HTMLButtonElement = button(
      "button",
      "Copy id",
      () => this.#app.copy(trace.id, copy),
    );
    attrs(copy, { "data-copy": "" });
    const sentence = sentenceOf(trace);
    setChildren(
      this.#head,
      h(
        "a",
        { class: "link trace-back", href: location.href({ path: [] }) },
        "‹ All traces",
      ),
      h(
        "h2",
        { class: "mono" },
        glyph(
          trace.failed ? "failed" : "fine",
          trace.failed ? "failed" : "answered",
        ),
        h(
          "span",
          null,
          method === "" ? null : h("span", { class: "dim" }, `${method} `),
          rest,
          trace.status === null ? null : h(
            "span",
            { class: trace.failed ? "bad" : "dim" },
            ` ${trace.status}`,
          ),
        ),
      ),
      h(
        "div",
        { class: "trace-actions" },
        h("a", {
          class: "button",
          "data-events": true,
          href: location.href({ view: "events", rest: { text: trace.id } }),
        }, "Events"),
        copy,
      ),
      sentence === "" ? null : h("p", { class: "serif" }, sentence),
      h(
        "p",
        { class: "trace-facts" },
        h("b", null, msWords(trace.ms)),
        h("span", null, h("b", null, String(trace.spans)), " spans"),
        services.map(([name, count]) =>
          h(
            "span",
            null,
            h("i", { class: `service-swatch c${colours.get(name) ?? 0}` }),
            name,
            " ",
            h("b", null, String(count)),
          )
        ),
        trace.lost > 0
          ? h("span", { class: "warn" }, `${trace.lost} spans not kept`)
          : null,
        h("span", { class: "mono trace-id" }, trace.id),
        h("span", null, utc.seconds(trace.start)),
      ),
    );
    this.#drawEvents(trace);
    this.#errors.hidden = failures === 0;
    setChildren(
      this.#errors,
      "errors ",
      h("span", { class: "count" }, String(failures)),
    );
    attrs(this.#errors, { title: "Select the next span that has failed" });
    this.#waterfall.setTrace(trace, colours);
  }

  /** Counts the events of the trace, as far as the page has them. */
  #drawEvents(trace: Trace): void {
    const link = this.#head.querySelector("[data-events]");
    const count = this.#app.store.events.filter((event) =>
      "data" in event &&
      (event.data as { traceId?: unknown } | null)?.traceId === trace.id
    ).length;
    if (link !== null) {
      setText(link, count > 0 ? `Events (${count})` : "Events");
    }
  }
}

/** Returns the span that is selected at first: where it failed, or the root. */
function firstOf({ all, failed }: Trace): TraceSpan | undefined {
  const byEnd = (span: TraceSpan) => span.startMs + span.ms;
  const bad = all.filter((span) =>
    span.failed &&
    !all.some((other) => other.failed && other.parent === span.id)
  );
  if (failed && bad.length > 0) {
    return bad.reduce((a, b) => byEnd(b) > byEnd(a) ? b : a);
  }
  const ids = new Set(all.map(({ id }) => id));
  const roots = all.filter(({ parent }) => !ids.has(parent));
  return (roots.length > 0 ? roots : all).reduce<TraceSpan | undefined>(
    (a, b) => a === undefined || b.startMs < a.startMs ? b : a,
    undefined,
  );
}

function legend(): HTMLElement {
  const key = (className: string, text: string) =>
    h("span", null, h("i", { class: `legend-bar c1 ${className}` }), text);
  return h(
    "span",
    { class: "trace-legend dim" },
    key("legend-own", "own time"),
    key("", "in its children"),
    key("legend-failed", "✕ failed"),
  );
}
