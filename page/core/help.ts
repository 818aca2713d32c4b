/** The list of keys, in a dialog. */
import { h } from "./dom.ts";

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["1", "–", "7"], "Views, from Overview to Health"],
  [["/"], "Search"],
  [["space"], "Pause, and go on"],
  [["[", "]"], "Shorter and longer range"],
  [["j", "k"], "Next and previous row"],
  [["Enter"], "Open"],
  [["Esc"], "Close, or show all routes again"],
  [["c"], "Copy the PromQL or the trace id"],
  [["t"], "Dark or light"],
  [["?"], "This list"],
];

const CHART_KEYS: readonly (readonly [readonly string[], string])[] = [
  [["←", "→"], "Move the crosshair"],
  [["Home", "End"], "To the first and the last column"],
  [["Enter"], "Open the nearest trace"],
];

function list(keys: typeof KEYS): HTMLElement {
  return h(
    "dl",
    { class: "help-keys" },
    keys.map(([caps, what]) => [
      h(
        "dt",
        null,
        caps.map((cap) =>
          cap === "–" ? " – " : h("kbd", { class: "keycap" }, cap)
        ),
      ),
      h("dd", null, what),
    ]),
  );
}

/** Makes the dialog; it closes with Esc, its button or a click beside it. */
export function makeHelp(): HTMLDialogElement {
  const dialog: HTMLDialogElement = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    h(
      "div",
      { class: "help-body" },
      h("h2", { id: "help-title", class: "serif" }, "Keys"),
      list(KEYS),
      h("h3", null, "On a focused chart"),
      list(CHART_KEYS),
      h("button", {
        class: "button",
        type: "button",
        onclick: () => dialog.close(),
      }, "Close"),
    ),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}
