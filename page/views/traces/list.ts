/** The left pane of the view: search, scatter, tabs and the list of traces. */
import type {
  TraceList,
  TraceSummary,
} from "../../../src/dashboard/protocol_traces.ts";
import { type ChartGroup, Scatter, type TraceMark } from "../../charts/mod.ts";
import type { App, Changes } from "../../core/app.ts";
import {
  attrs,
  button,
  h,
  keyed,
  setChildren,
  setText,
} from "../../core/dom.ts";
import { ago, utc, wholeNumber } from "../../core/units.ts";
import { glyph } from "../../parts/glyphs.ts";
import { KnownTraces } from "../../parts/known_traces.ts";
import { empty, failed, loading } from "../../parts/states.ts";
import { TraceBook } from "../../parts/trace_book.ts";
import { markOf } from "../../parts/traffic.ts";
import { newerTraces, withNewer } from "./newer.ts";
import { msWords, nameOf } from "./words.ts";

type ListName = TraceList["list"];

const TABS: readonly (readonly [ListName, string])[] = [
  ["latest", "Latest"],
  ["slowest", "Slowest"],
  ["failed", "✕ Failed"],
];

const RANGE_WORDS = { "5m": "5 minutes", "15m": "15 minutes", "1h": "1 hour" };

/** Milliseconds between two requests for a list; the feed brings the rest. */
const REFRESH = 10_000;
/** Milliseconds after the last letter before the search is sent. */
const SEARCH_DELAY = 250;

/** A whole trace id. */
const TRACE_ID = /^[0-9a-f]{32}$/;

/** The left pane. */
export interface ListPane {
  readonly element: HTMLElement;
  /** Draws what has changed. `mustDraw`: all charts are drawn again. */
  update(changes: Changes, mustDraw: boolean): void;
  /** The first trace of the list in the address, once it is there. */
  readonly first: TraceSummary | undefined;
  /** Moves the focus by rows; returns false if there are none. */
  move(by: 1 | -1): boolean;
}

/** Returns the name of the list in the address. */
export function listIn(app: App): ListName {
  const { list } = app.location.now.rest;
  return TABS.find(([name]) => name === list)?.[0] ?? "latest";
}

/** Makes the left pane. */
export function listPane(app: App, group: ChartGroup): ListPane {
  const { store, location, api } = app;
  let answer: TraceList | null = null;
  let asked = "";
  let answered = "";
  let askedAt = -Infinity;
  let isAsking = false;
  let isStale = true;
  let error = "";
  let drawn: TraceList | null = null;
  let drawnError = "";
  /** Id of the last trace of the feed that is in the list. */
  let merged = "";
  const known = new KnownTraces(app);
  let book = new TraceBook();

  const search = h("input", {
    type: "search",
    class: "field",
    placeholder: "Trace id, route or error",
    "aria-label": "Find a trace by its id, route or error",
    spellcheck: "false",
    autocomplete: "off",
  });
  let typing: ReturnType<typeof setTimeout> | undefined;
  const send = (): void => {
    clearTimeout(typing);
    const text = search.value.trim();
    if (TRACE_ID.test(text.toLowerCase())) {
      location.go({ path: [text.toLowerCase()] });
    } else location.go({ rest: { ...location.now.rest, text } }, true);
  };
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(send, SEARCH_DELAY);
  });
  search.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") send();
  });

  const scatter = new Scatter(group, {
    name: "Traces by time and duration",
    height: 156,
    right: 14,
    namesGaps: false,
  });
  scatter.onOpen = ({ id }) => location.go({ path: [id] });
  const range = h("span", { class: "note" });

  const tabs = TABS.map(([name, label]) => {
    const count = h("span", { class: "faint" });
    const tab = button(
      "trace-tab",
      "",
      () => location.go({ rest: { ...location.now.rest, list: name } }),
    );
    tab.append(label, " ", count);
    return { name, tab, count };
  });
  const fresh = button("trace-fresh", "", () => ask());
  const rows = h("div", { class: "trace-rows" });
  const state = h("div");
  const note = h("p", { class: "trace-note faint" });
  const element = h(
    "section",
    { class: "sheet trace-list", "aria-label": "Traces" },
    h("div", { class: "trace-search" }, search),
    h(
      "div",
      { class: "sheet-head" },
      h("h2", null, "Duration"),
      range,
    ),
    scatter.element,
    h(
      "div",
      { class: "trace-tabs", role: "group", "aria-label": "Lists" },
      tabs.map(({ tab }) => tab),
    ),
    fresh,
    rows,
    state,
    note,
  );

  const queryOf = (): string => {
    const { route, rest } = location.now;
    const query = new URLSearchParams({ list: listIn(app) });
    if (route !== "") query.set("route", route);
    if (rest["text"]) query.set("text", rest["text"]);
    return `traces?${query}`;
  };

  const lastOfFeed = (): string => store.traces.at(-1)?.id ?? "";

  /** Returns what the feed has brought since the list was asked for. */
  const newer = (): TraceSummary[] => {
    const { rest, route } = location.now;
    if (rest["text"] || answer?.list !== listIn(app)) return [];
    return newerTraces(store.traces, merged, answer.list, route);
  };

  const ask = (): void => {
    const query = queryOf();
    isAsking = true;
    isStale = false;
    asked = query;
    askedAt = performance.now();
    const last = lastOfFeed();
    api.get<TraceList>(query).then((list) => {
      if (asked !== query) return;
      [answer, error, merged, answered] = [list, "", last, query];
    }, (reason: unknown) => {
      if (asked === query) error = (reason as Error).message;
    }).finally(() => {
      isAsking = false;
      app.redraw();
    });
  };

  const now = (): number => store.axis.to || Date.now() / 1000;

  const listed = (): readonly TraceSummary[] => {
    const { selection } = group;
    const traces = answer?.traces ?? [];
    return selection === null
      ? traces
      : traces.filter(({ start }) =>
        start >= selection.from && start <= selection.to
      );
  };

  const marks = (): TraceMark[] => {
    const { from, columns, step } = store.axis;
    return book.within(location.now.route, from, from + columns * step)
      .map((trace) => markOf(trace, now()));
  };

  /** Shows what is missing from the list, or what has gone wrong. */
  const drawState = (traces: readonly TraceSummary[]): void => {
    const { rest, route } = location.now;
    const isFiltered = Boolean(rest["text"]) || route !== "" ||
      group.selection !== null;
    const key = error !== ""
      ? `error ${error}`
      : answer === null
      ? "loading"
      : traces.length > 0
      ? ""
      : `${answer.list} ${isFiltered}`;
    if (state.dataset["state"] === key) return;
    state.dataset["state"] = key;
    if (key === "") return setChildren(state);
    if (key === "loading") return setChildren(state, loading());
    if (error !== "") {
      return setChildren(
        state,
        failed("The list of traces did not come.", error, ask),
      );
    }
    const sentence = isFiltered
      ? "No kept trace matches."
      : answer!.list === "failed"
      ? "No trace has failed."
      : "No trace has ended yet. A request makes the first one.";
    setChildren(state, empty(sentence));
  };

  return {
    element,
    get first() {
      return answered === queryOf() ? listed()[0] : undefined;
    },
    move(by) {
      const all = [...rows.children] as HTMLElement[];
      const at = all.findIndex((row) => row === document.activeElement);
      const current = all.findIndex((row) => row.hasAttribute("aria-current"));
      const next = all[
        Math.min(
          all.length - 1,
          Math.max(0, (at < 0 ? current : at) + by),
        )
      ];
      next?.focus();
      return next !== undefined;
    },
    update(changes, mustDraw) {
      if (changes.traces || changes.hello) isStale = true;
      if (store.hello !== null) book = known.update(store.hello, changes);
      if (answer !== null && answer !== drawn) {
        book.add(answer.traces, answer.list === "latest" ? "feed" : "list");
      }
      // Rows must not move under the pointer.
      const isHeld = rows.matches(":hover");
      const isDue = performance.now() - askedAt >= REFRESH && !isHeld;
      if (asked !== queryOf() || (isStale && isDue && !isAsking)) ask();
      const news = newer();
      fresh.hidden = !isHeld || news.length === 0;
      setText(fresh, `${news.length} new ↑`);
      const mayDraw = changes.address || changes.data || mustDraw ||
        answer !== drawn || error !== drawnError;
      if (!mayDraw) return;
      if (!isHeld && answer !== null && news.length > 0) {
        answer = withNewer(answer, news);
        merged = lastOfFeed();
      }
      [drawn, drawnError] = [answer, error];
      const { range: shown, path, rest } = location.now;
      const { selection } = group;
      setText(
        range,
        selection === null
          ? `${RANGE_WORDS[shown]}, log scale`
          : `${utc.seconds(selection.from)} to ${utc.seconds(selection.to)}`,
      );
      if (document.activeElement !== search) search.value = rest["text"] ?? "";
      for (const { name, tab, count } of tabs) {
        attrs(tab, { "aria-pressed": String(name === listIn(app)) });
        setText(count, answer === null ? "" : String(answer.counts[name]));
      }
      const traces = listed();
      const list = listIn(app);
      keyed(
        rows,
        traces,
        (trace) => rowKey(trace, list),
        (trace) => makeRow(trace, list),
        (row, { id, start }) => {
          attrs(row, {
            href: location.href({ path: [id] }),
            "aria-current": path[0] === id ? "true" : null,
          });
          setText(row.lastElementChild!, ago(start, now()));
        },
      );
      drawState(traces);
      const lost = answer?.lost ?? 0;
      note.hidden = lost === 0;
      setText(
        note,
        `${
          wholeNumber(lost)
        } spans were not kept: beyond the limits of a trace.`,
      );
      scatter.draw({ axis: store.axis, marks: marks() });
    },
  };
}

/** Returns a key that changes with all that a row says, but its age. */
function rowKey(trace: TraceSummary, list: ListName): string {
  return `${trace.id} ${trace.spans} ${trace.ms} ${trace.cause} ${list}`;
}

/** Makes a row; its last child is for the age. */
function makeRow(trace: TraceSummary, list: ListName): HTMLAnchorElement {
  const { cause, failed, ms, start } = trace;
  const state = failed ? "failed" : list === "slowest" ? "slow" : "fine";
  const { method, rest } = nameOf(trace);
  return h(
    "a",
    {
      class: "trace-row",
      "data-row": true,
      title: utc.seconds(start),
    },
    h(
      "span",
      { class: "trace-glyph" },
      glyph(state, state === "fine" ? "answered" : state),
    ),
    h(
      "span",
      { class: "mono cut" },
      method === "" ? null : h("span", { class: "faint" }, `${method} `),
      rest,
    ),
    h("b", { class: failed ? "num bad" : "num" }, msWords(ms)),
    h("span", { class: "trace-cause cut" }, cause),
    h("span", { class: "trace-ago" }),
  );
}
