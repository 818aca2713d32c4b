/** The top bar: mark, service, navigation, range, pen, theme. */
import { VIEW_NAMES } from "./address.ts";
import type { App, RANGES, ViewName } from "./app.ts";
import { attrs, h, setText, svg } from "./dom.ts";
import type { Pen } from "./pen.ts";
import { passedTime } from "./units.ts";

/** Titles of the views. */
export const TITLES: Readonly<Record<ViewName, string>> = {
  overview: "Overview",
  routes: "Routes",
  metrics: "Metrics",
  traces: "Traces",
  events: "Events",
  fleet: "Fleet",
  health: "Health",
};

const RANGE_WORDS: Readonly<Record<keyof typeof RANGES, string>> = {
  "5m": "5 min",
  "15m": "15 min",
  "1h": "1 h",
};

/** The mark: a line on ruled paper, drawn by a pen from the right. */
function mark(): SVGSVGElement {
  const image = svg("mark", [
    ["rect", {
      class: "mark-paper",
      x: "1",
      y: "2",
      width: "22",
      height: "20",
      rx: "2.5",
    }],
    ["path", {
      class: "mark-ruling",
      d: "M1 8.5h22M1 15.5h22M8.5 2v20M15.5 2v20",
    }],
    ["path", {
      class: "mark-line",
      d: "M1.5 14.5c2.6 0 3-4.5 5.4-4.5s2.9 6.5 5.4 6.5c2.1 0 2.4-6.4 4.6-7.8",
    }],
    ["path", { class: "mark-pen", d: "m16 9 7.2-4.4.9 3.6Z" }],
  ]);
  attrs(image, { viewBox: "0 0 25 24", "aria-hidden": "true" });
  return image;
}

/** A count beside a title: `✕ 27` in red, or a plain number. */
export interface NavCount {
  readonly text: string;
  readonly isBad: boolean;
  /** The count in words, for screen readers. */
  readonly words: string;
}

/** Contents of the bar, beside the store. */
export interface BarState {
  readonly counts: Readonly<Partial<Record<ViewName, NavCount>>>;
  readonly views: readonly ViewName[];
  /** Unix time of the server. */
  readonly now: number;
}

/** Scrolls the navigation, on phones, so that a link is in its middle. */
function center(nav: HTMLElement, link: HTMLElement): void {
  if (nav.scrollWidth <= nav.clientWidth) return;
  const outer = nav.getBoundingClientRect();
  const inner = link.getBoundingClientRect();
  nav.scrollLeft += inner.left + inner.width / 2 - outer.left -
    outer.width / 2;
}

/** The top bar. */
export interface TopBar {
  readonly element: HTMLElement;
  update(state: BarState): void;
}

/** Makes the top bar. */
export function makeTopBar(app: App, pen: Pen, onTheme: () => void): TopBar {
  const service = h("span", { class: "bar-service" });
  const about = h("span", { class: "bar-about" });
  const links = new Map(VIEW_NAMES.map((name, i) => {
    const count = h("span", { class: "nav-count" });
    const link = h(
      "a",
      { href: "#", title: `${TITLES[name]} (${i + 1})` },
      TITLES[name],
      count,
    );
    return [name, { link, count }];
  }));
  const ranges = Object.entries(RANGE_WORDS).map(([range, word]) =>
    h("button", {
      type: "button",
      "data-range": range,
      onclick: () => app.location.go({ range: range as keyof typeof RANGES }),
    }, word)
  );
  const theme = h(
    "button",
    {
      class: "button bar-theme",
      type: "button",
      title: "Dark or light (t)",
      "aria-label": "Switch between dark and light",
      onclick: onTheme,
    },
    svg("theme-icon", [
      ["circle", {
        cx: "8",
        cy: "8",
        r: "5.2",
        fill: "none",
        stroke: "currentColor",
        "stroke-width": "1.5",
      }],
      ["path", { d: "M8 2.8a5.2 5.2 0 0 1 0 10.4Z", fill: "currentColor" }],
    ]),
  );
  const nav = h(
    "nav",
    { "aria-label": "Views" },
    [...links.values()].map(({ link }) => link),
  );
  const element = h(
    "header",
    { class: "bar" },
    h(
      "a",
      {
        class: "brand",
        href: "#/overview",
        "aria-label": "Barograph, overview",
      },
      mark(),
      h("span", { class: "brand-name" }, "Barograph"),
    ),
    h("div", { class: "bar-program" }, service, about),
    nav,
    h(
      "div",
      { class: "bar-end" },
      h(
        "div",
        { class: "choice", role: "group", "aria-label": "Range" },
        ranges,
      ),
      pen.element,
      theme,
    ),
  );

  let shown = "";
  return {
    element,
    update({ counts, now, views }) {
      const { hello } = app.store;
      setText(service, hello?.service || "Barograph");
      const facts = hello === null ? [] : [
        hello.version,
        hello.started === null ? "" : `up ${passedTime(now - hello.started)}`,
        hello.runtime,
      ];
      setText(about, facts.filter((fact) => fact !== "").join(", "));
      const { view } = app.location.now;
      const key = JSON.stringify([view, views, counts]);
      const isOther = key !== shown;
      shown = key;
      for (const [name, { link, count }] of links) {
        link.hidden = !views.includes(name);
        const number = counts[name];
        attrs(link, {
          href: name === view
            ? app.location.href({})
            : app.location.href({ view: name }),
          "aria-current": name === view ? "page" : null,
          "aria-label": number === undefined
            ? null
            : `${TITLES[name]}, ${number.words}`,
        });
        setText(count, number?.text ?? "");
        count.classList.toggle("bad", number?.isBad === true);
      }
      if (isOther) center(nav, links.get(view)!.link);
      for (const button of ranges) {
        attrs(button, {
          "aria-pressed": String(
            button.dataset["range"] === app.location.now.range,
          ),
        });
      }
    },
  };
}
