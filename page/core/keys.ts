/** The keys of the page. Fields keep their own keys. */
import { VIEW_NAMES } from "./address.ts";
import { type App, RANGES, type View, type ViewName } from "./app.ts";

/** Actions of keys. */
export interface KeyActions {
  readonly app: App;
  readonly main: HTMLElement;
  readonly view: () => View | undefined;
  readonly views: () => readonly ViewName[];
  readonly pause: () => void;
  readonly theme: () => void;
  readonly help: () => void;
}

const ROWS = "tbody tr[tabindex], [data-row]";

/** Moves the focus to the next or the previous row of the view. */
function moveRow(main: HTMLElement, by: 1 | -1): void {
  const rows = [...main.querySelectorAll<HTMLElement>(ROWS)]
    .filter((row) => row.offsetParent !== null);
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio])")
  );
}

/** Whether a key presses the focused element itself. */
function pressesFocus(key: string, target: EventTarget | null): boolean {
  return (key === " " || key === "Enter") && target instanceof Element &&
    target.closest("button, a, summary, input") !== null;
}

/** Listens to the keys of the window. */
export function listenToKeys(actions: KeyActions): void {
  const { app, main } = actions;
  const { location } = app;

  const changeRange = (by: 1 | -1) => {
    const names = Object.keys(RANGES) as (keyof typeof RANGES)[];
    const next = names[names.indexOf(location.now.range) + by];
    if (next !== undefined) location.go({ range: next });
  };

  const handle = (key: string): boolean => {
    const number = Number(key);
    if (number >= 1 && number <= VIEW_NAMES.length) {
      const name = VIEW_NAMES[number - 1]!;
      if (actions.views().includes(name)) location.go({ view: name });
      return true;
    }
    switch (key) {
      case " ":
        actions.pause();
        return true;
      case "[":
        changeRange(-1);
        return true;
      case "]":
        changeRange(1);
        return true;
      case "t":
        actions.theme();
        return true;
      case "?":
        actions.help();
        return true;
    }
    if (actions.view()?.key?.(key)) return true;
    switch (key) {
      case "/": {
        const field = main.querySelector<HTMLInputElement>(
          "input[type=search]",
        );
        field?.focus();
        field?.select();
        return field !== null;
      }
      case "j":
        moveRow(main, 1);
        return true;
      case "k":
        moveRow(main, -1);
        return true;
      case "c": {
        const button = main.querySelector<HTMLElement>("[data-copy]");
        button?.click();
        return button !== null;
      }
      case "Escape":
        app.tooltip.hide();
        if (location.now.route === "") return false;
        location.go({ route: "" });
        return true;
    }
    return false;
  };

  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (
      event.defaultPrevented || event.ctrlKey || event.metaKey ||
      event.altKey || event.isComposing ||
      document.querySelector("dialog[open]") !== null
    ) return;
    if (isField(target)) {
      // Out of the field first; the next Esc acts on the page.
      if (key === "Escape") {
        emptySearch(target);
        (target as HTMLElement).blur();
      }
      return;
    }
    if (pressesFocus(key, target)) return;
    if (handle(key)) event.preventDefault();
  });
}

/** Empties a search: a browser that does so tells no listener after the blur. */
function emptySearch(field: EventTarget | null): void {
  if (!(field instanceof HTMLInputElement) || field.type !== "search") return;
  if (field.value === "") return;
  field.value = "";
  field.dispatchEvent(new Event("input"));
}
