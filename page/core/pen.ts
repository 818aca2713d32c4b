/** The pen of the top bar: the state of the feed, and the button that acts on it. */
import { attrs, h, setText, svg } from "./dom.ts";
import { passedTime } from "./units.ts";

/** The state of the feed, as the pen shows it. */
export type PenState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "paused"; readonly behind: number }
  | { readonly kind: "waiting"; readonly seconds: number }
  | { readonly kind: "restarted"; readonly at: string };

const HELP: Readonly<Record<PenState["kind"], string>> = {
  connecting: "Opens the feed",
  live: "Pauses the page; the server goes on sampling",
  paused: "Goes on to now",
  waiting: "Tries again now",
  restarted: "The program was restarted",
};

function wordsOf(state: PenState): string {
  switch (state.kind) {
    case "connecting":
      return "Connecting";
    case "live":
      return "Live";
    case "paused":
      return state.behind < 1
        ? "Paused"
        : `Paused, ${passedTime(state.behind)} behind`;
    case "waiting":
      return state.seconds < 1
        ? "Reconnecting"
        : `Reconnecting in ${Math.ceil(state.seconds)}\u00a0s`;
    case "restarted":
      return `Restarted ${state.at}`;
  }
}

/** The pen's button. */
export interface Pen {
  readonly element: HTMLElement;
  show(state: PenState): void;
  /** Dips the pen once, for a delta that has come. */
  dip(): void;
}

/** Makes the pen. */
export function makePen(onClick: () => void): Pen {
  // One drawing for each state; the style shows one of them.
  const icon = svg("pen-icon", [
    ["path", { class: "pen-nib", d: "M1 8 8 4.4v7.2Z" }],
    ["path", { class: "pen-arm", d: "M8 8h7.5" }],
    ["path", { class: "pen-bars", d: "M5.5 3.5v9M10.5 3.5v9" }],
    ["path", {
      class: "pen-turn",
      d: "M13 8a5 5 0 1 1-1.6-3.7M13.4 1.8v3.4H10",
    }],
  ]);
  attrs(icon, { "aria-hidden": "true" });
  const word = h("span", { class: "pen-word" });
  // Only the word is announced, and only when its kind changes: a count of
  // seconds would be read out each second.
  const spoken = h("span", { class: "unseen", "aria-live": "polite" });
  const button = h(
    "button",
    {
      class: "pen",
      type: "button",
      onclick: onClick,
    },
    icon,
    word,
  );
  let kind = "";
  return {
    element: h("div", { class: "pen-place" }, button, spoken),
    show(state) {
      setText(word, wordsOf(state));
      if (state.kind === kind) return;
      kind = state.kind;
      attrs(button, { "data-state": kind, title: HELP[state.kind] });
      setText(spoken, wordsOf(state).replace(/ (?:in|\d).*|,.*/, ""));
    },
    dip() {
      if (
        kind !== "live" ||
        matchMedia("(prefers-reduced-motion: reduce)").matches
      ) {
        return;
      }
      icon.animate(
        { transform: ["rotate(0)", "rotate(-14deg)", "rotate(0)"] },
        { duration: 150, easing: "ease-out" },
      );
    },
  };
}
