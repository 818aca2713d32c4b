/** The form that asks for the key. */
import { attrs, h, setText } from "./dom.ts";

/** The form. */
export interface Login {
  readonly element: HTMLElement;
  /** Shows the form; `refusal` says why a key was refused, "" before one was. */
  ask(refusal: string): void;
}

/** Makes the form; `onKey` gets what was typed. */
export function makeLogin(onKey: (key: string) => void): Login {
  const wrong = h("p", { id: "key-wrong", class: "bad", role: "alert" });
  const field = h("input", {
    id: "key",
    class: "field mono",
    type: "password",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    required: true,
  });
  const element = h(
    "form",
    {
      class: "login sheet",
      onsubmit: (event: Event) => {
        event.preventDefault();
        if (field.value.trim() !== "") onKey(field.value.trim());
      },
    },
    h("h1", { class: "serif" }, "This page asks for its key"),
    h(
      "p",
      { class: "dim" },
      "The program printed it at its start, as part of the address: ",
      h("code", null, "…#k=KEY"),
      ". If it printed none, type its fixed key or its token. The page keeps it in memory, and nowhere else.",
    ),
    h("label", { for: "key" }, "Key"),
    h(
      "div",
      { class: "login-row" },
      field,
      h("button", { class: "button", type: "submit" }, "Open"),
    ),
    wrong,
  );
  return {
    element,
    ask(refusal) {
      const wasWrong = refusal !== "";
      setText(wrong, refusal);
      attrs(field, {
        "aria-invalid": wasWrong ? "true" : null,
        "aria-describedby": wasWrong ? "key-wrong" : null,
      });
      field.focus();
      field.select();
    },
  };
}
