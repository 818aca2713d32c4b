/** The states of a view or a part without content: loading, empty, error. */
import { h } from "../core/dom.ts";

/**
 * Returns ruled paper; the word comes after a second, so that quick answers do
 * not flicker.
 */
export function loading(): HTMLElement {
  return h(
    "div",
    { class: "state loading", role: "status" },
    h("p", { class: "late-word dim" }, "Loading…"),
  );
}

/** Returns a sentence, and the command that ends the emptiness. */
export function empty(sentence: string, command?: string): HTMLElement {
  return h(
    "div",
    { class: "state" },
    h("p", { class: "serif" }, sentence),
    command === undefined ? null : h("pre", null, command),
  );
}

/** Returns the sentence of an error, and a button that tries again. */
export function failed(
  sentence: string,
  detail: string,
  again: () => void,
): HTMLElement {
  return h(
    "div",
    { class: "state", role: "alert" },
    h("p", { class: "serif" }, sentence),
    detail === "" ? null : h("p", { class: "dim" }, detail),
    h(
      "button",
      { class: "button", type: "button", onclick: again },
      "Try again",
    ),
  );
}
