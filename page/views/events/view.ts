/** Events: the tail of the bus. */
import type { MakeView } from "../../core/app.ts";
import { attrs, button, h, setChildren, setText } from "../../core/dom.ts";
import { onResize } from "../../core/sizes.ts";
import { seconds, words } from "../../core/units.ts";
import { empty } from "../../parts/states.ts";
import { type VirtualList, virtualList } from "../../parts/virtual_list.ts";
import { countAfter, marked, tailRows } from "./tail.ts";
import { Topics } from "./topics.ts";
import type { EventRow, TailRow } from "./words.ts";

/** Heights of rows in pixels. */
const ROW = 26;
const PHONE_ROW = 48;
/** Narrower tails have rows of two lines. */
const PHONE = 560;
/** Milliseconds after the last letter before the filter is applied. */
const TYPING = 150;
/** Least milliseconds between two drawings: events may come by the hundred. */
const REFRESH = 250;
/** More new rows at once are not washed: all of the tail would be. */
const MAX_WASHED = 8;

export const events: MakeView = (app) => {
  const { store, location } = app;
  const topics = new Topics(app);
  const filter = h("input", {
    type: "search",
    class: "field",
    placeholder: "Filter by text: 502, payments, trace id",
    "aria-label": "Filter events by text",
    spellcheck: "false",
    autocomplete: "off",
  });
  let typing: ReturnType<typeof setTimeout> | undefined;
  filter.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(
      () =>
        location.go({
          rest: { ...location.now.rest, text: filter.value.trim() },
        }, true),
      TYPING,
    );
  });

  const place = h("div", {
    class: "tail-place",
    role: "log",
    "aria-live": "off",
    "aria-label": "Events, newest last",
  });
  const state = h("div", { class: "tail-state" });
  const more = button("tail-more", "", () => {
    list?.scrollToEnd();
    follow();
  });
  const count = h("span", { class: "tail-count faint" });
  const sheet = h(
    "section",
    { class: "sheet tail", "aria-label": "Tail" },
    h("div", { class: "tail-filter" }, filter, count),
    h(
      "div",
      { class: "tail-head event-row", "aria-hidden": "true" },
      h("span", null, "Time, UTC"),
      h("span", null, "Topic"),
      h("span", null, "What happened"),
      h("span", { class: "num" }, "took"),
      h("span", null, "Trace"),
    ),
    h("div", { class: "tail-body" }, place, state, more),
  );
  const element = h(
    "div",
    { class: "view view-events" },
    h("h1", { class: "unseen" }, "Events"),
    topics.element,
    sheet,
  );

  let list: VirtualList<TailRow> | null = null;
  let rowHeight = 0;
  let width = 0;
  let rows: readonly TailRow[] = [];
  let isFollowing = true;
  /** Key of the last row when the user scrolled away. */
  let leftAt = "";
  let text = "";
  let lit = "";
  /** Events up to this id are not new, and not washed. */
  let known = Infinity;
  let washed = Infinity;
  let isStale = true;
  let busyUntil = -Infinity;
  let isWaiting = false;
  const drawn = new WeakMap<Element, string>();
  const shown = new WeakMap<Element, TailRow>();

  onResize(sheet, (next) => {
    if (next === width) return;
    width = next;
    app.redraw();
  });

  const follow = (): void => {
    isFollowing = true;
    drawMore();
  };

  /** Draws once the last drawing is long enough ago. */
  const later = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      app.redraw();
    }, REFRESH);
  };

  const drawMore = (): void => {
    const news = isFollowing ? 0 : countAfter(rows, leftAt);
    more.hidden = news === 0;
    setText(more, `${news} new ↓`);
  };

  const drawRow = (row: HTMLElement, item: TailRow): void => {
    shown.set(row, item);
    const isLit = item.kind === "event" && item.trace !== "" &&
      item.trace === lit;
    row.classList.toggle("lit", isLit);
    const key = `${item.key} ${text}`;
    if (drawn.get(row) === key) return;
    drawn.set(row, key);
    if (item.kind === "gap") {
      row.className = "event-gap";
      return setChildren(
        row,
        h(
          "span",
          null,
          "⋯ ",
          h("b", null, item.text),
          `: ${item.why}. Metrics have counted them.`,
        ),
      );
    }
    const classes = [
      "event-row",
      item.isBad ? "bad-row" : "",
      item.id > washed ? "new-row" : "",
      isLit ? "lit" : "",
    ];
    row.className = classes.filter((each) => each !== "").join(" ");
    attrs(row, { "data-row": "", tabindex: "-1" });
    setChildren(row, cellsOf(item));
  };

  const cellsOf = (item: EventRow) => [
    h("span", { class: "event-time" }, timeText(item.time)),
    h("span", { class: "event-topic" }, item.topic),
    h(
      "span",
      { class: "event-text", title: item.text },
      item.isBad
        ? h("b", { class: "bad", "aria-label": "failed" }, "✕ ")
        : null,
      marked(item.text, text).map((part, i) =>
        i % 2 === 0 ? part : h("mark", null, part)
      ),
    ),
    h(
      "span",
      { class: "num event-took" },
      item.took === null ? "" : words(seconds(item.took)),
    ),
    item.trace === "" ? h("span") : h("a", {
      class: "event-trace",
      tabindex: "-1",
      href: traceHref(item),
    }, item.trace.slice(0, 8)),
  ];

  const traceHref = ({ trace, span }: EventRow): string =>
    location.href({
      view: "traces",
      path: span === "" ? [trace] : [trace, span],
    });

  const listOf = (height: number): VirtualList<TailRow> => {
    if (list !== null && rowHeight === height) return list;
    rowHeight = height;
    const made = virtualList<TailRow>({
      rowHeight: height,
      class: "tail-list",
      label: "Events, newest last",
      keyOf: ({ key }) => key,
      make: () => h("div"),
      update: drawRow,
    });
    made.onScroll = () => {
      if (made.isAtEnd()) follow();
      else leave();
    };
    place.replaceChildren(made.element);
    return list = made;
  };

  /** Keeps a row where it is when older rows have gone. */
  const keepPlace = (
    tail: VirtualList<TailRow>,
    anchor: string | undefined,
    top: number,
  ): void => {
    if (rows[top]?.key === anchor) return;
    const next = rows.findIndex(({ key }) => key === anchor);
    if (next >= 0) tail.element.scrollTop += (next - top) * rowHeight;
  };

  const leave = (): void => {
    if (!isFollowing) return;
    isFollowing = false;
    leftAt = rows.at(-1)?.key ?? "";
  };

  const rowAt = (target: EventTarget | null): TailRow | undefined => {
    const row = target instanceof Element ? target.closest(".event-row") : null;
    return row === null ? undefined : shown.get(row);
  };
  const light = (item: TailRow | undefined): void => {
    const trace = item?.kind === "event" ? item.trace : "";
    if (trace === lit) return;
    lit = trace;
    list?.refresh();
  };
  const open = (item: TailRow | undefined): void => {
    if (item?.kind !== "event" || item.trace === "") return;
    location.go({
      view: "traces",
      path: item.span === "" ? [item.trace] : [item.trace, item.span],
      rest: {},
    });
  };
  place.addEventListener("mouseover", ({ target }) => light(rowAt(target)));
  place.addEventListener("mouseleave", () => light(undefined));
  place.addEventListener("focusin", ({ target }) => {
    const item = rowAt(target);
    light(item);
    // A row with the focus must not leave the view.
    if (item !== undefined) leave();
  });
  place.addEventListener("click", (event) => {
    // A link opens itself; a selection of text is no click.
    const isLink = (event.target as Element).closest("a") !== null;
    if (!isLink && getSelection()?.isCollapsed !== false) {
      open(rowAt(event.target));
    }
  });
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter") open(rowAt(event.target));
  });

  const drawState = (): void => {
    const isFiltered = text !== "" || location.now.route !== "";
    const key = rows.length > 0
      ? ""
      : topics.on.size === 0
      ? "Choose a topic to see its events."
      : isFiltered
      ? "No event of this page matches. New ones that match appear here."
      : "No event yet. They appear here as they happen.";
    if (state.dataset["state"] === key) return;
    state.dataset["state"] = key;
    if (key === "") setChildren(state);
    else setChildren(state, empty(key));
  };

  return {
    element,
    want: () => topics.want(),
    update(changes) {
      const { rest, route } = location.now;
      text = (rest["text"] ?? "").toLowerCase();
      if (document.activeElement !== filter) filter.value = rest["text"] ?? "";
      isStale ||= changes.events || changes.address || changes.names;
      if (!changes.address && performance.now() < busyUntil) return later();
      topics.update();
      const isPhone = width > 0 && width < PHONE;
      element.classList.toggle("narrow-tail", isPhone);
      const before = list;
      const tail = listOf(isPhone ? PHONE_ROW : ROW);
      if (changes.address) isFollowing = true;
      if (!isStale && tail === before) return;
      isStale = false;
      busyUntil = performance.now() + REFRESH;
      const top = Math.floor(tail.element.scrollTop / rowHeight);
      const anchor = rows[top]?.key;
      rows = tailRows(store.events, { topics: topics.on, text, route });
      washed = isWash(rows, known) ? known : Infinity;
      tail.setItems(rows, isFollowing);
      if (!isFollowing) keepPlace(tail, anchor, top);
      const last = store.events.findLast((item) => "topic" in item);
      known = last !== undefined && "topic" in last ? last.id : known;
      const isPart = text !== "" || route !== "";
      setText(count, isPart ? `${rows.length} of ${store.events.length}` : "");
      drawState();
      drawMore();
    },
  };
};

/** Returns whether few enough rows are new to be pointed out. */
function isWash(rows: readonly TailRow[], known: number): boolean {
  const before = rows.at(-MAX_WASHED - 1);
  return before === undefined || before.kind === "gap" || before.id <= known;
}

/** `14:27:27.352` */
function timeText(time: number): string {
  const date = new Date(time * 1000);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(11, 23);
}
