/** The place of a state of a view: loading, or empty. */
import { el } from "../core/dom.ts";
import { empty, loading } from "./states.ts";

/** One state at a time; each is made once while it lasts. */
export class StatePlace {
  readonly element = el("div", "sheet");
  #shown = "";

  constructor() {
    this.element.hidden = true;
  }

  /** Shows that something is under way. */
  showLoading(): void {
    this.#show("loading", loading);
  }

  /** Shows a sentence, and the command that ends the emptiness. */
  showEmpty(sentence: string, command: string): void {
    this.#show(sentence, () => empty(sentence, command));
  }

  /** Shows why there are no requests; `isMeasured`: there could be. */
  showNoRequests(isMeasured: boolean): void {
    if (isMeasured) {
      this.showEmpty("No requests yet.", `curl ${location.origin}/`);
    } else {
      this.showEmpty(
        "Requests are not measured in this program.",
        "observe(handler)",
      );
    }
  }

  #show(state: string, make: () => HTMLElement): void {
    if (this.#shown !== state) this.element.replaceChildren(make());
    this.#shown = state;
    this.element.hidden = false;
  }

  /** Takes the state away. */
  hide(): void {
    this.#shown = "";
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}
