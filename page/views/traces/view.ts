/** Traces: list and scatter, waterfall, span. */
import { ChartGroup } from "../../charts/mod.ts";
import type { MakeView } from "../../core/app.ts";
import { h } from "../../core/dom.ts";
import { listPane } from "./list.ts";
import { TracePane } from "./trace_pane.ts";

/** Narrower pages show the list or one trace, not both. */
const BOTH = "(min-width: 701px)";

export const traces: MakeView = (app) => {
  const group = new ChartGroup(app);
  const list = listPane(app, group);
  const pane = new TracePane(app, group);
  const element = h(
    "div",
    { class: "view view-traces" },
    h("h1", { class: "unseen" }, "Traces"),
    list.element,
    pane.element,
  );
  /** The address at which the user has closed the trace. */
  let closed = "";

  /** Opens the first trace of a list, so that the page is not empty. */
  const openFirst = (): void => {
    const { now } = app.location;
    const hasChosen = now.path.length > 0 ||
      app.location.href({}) === closed;
    if (hasChosen || !matchMedia(BOTH).matches) return;
    const first = list.first;
    if (first !== undefined) app.location.go({ path: [first.id] }, true);
  };

  const escape = (): boolean => {
    const { path } = app.location.now;
    if (group.escape()) return true;
    if (path.length === 0) return false;
    closed = app.location.href({ path: [] });
    app.location.go({ path: [] });
    return true;
  };

  const move = (by: 1 | -1): boolean => {
    const isInList = list.element.contains(document.activeElement);
    if (!isInList && pane.isOpen) {
      pane.move(by);
      return true;
    }
    return list.move(by);
  };

  return {
    element,
    want: () => "traces",
    update(changes) {
      const mustDraw = group.begin(changes);
      element.classList.toggle(
        "is-open",
        app.location.now.path.length > 0,
      );
      list.update(changes, mustDraw);
      pane.update(changes, mustDraw || changes.size);
      openFirst();
    },
    key(key) {
      if (key === "j") return move(1);
      if (key === "k") return move(-1);
      return key === "Escape" && escape();
    },
  };
};
