/**
 * A list that has elements only for the rows in view.
 *
 * - All rows have one height. The list scrolls in itself, or, with `scroller`, in
 *   an element around it.
 * - Rows are kept by key while they are in view, so focus and hover survive.
 * - Read by screen readers as rows of a longer whole, by `aria-setsize` and
 *   `aria-posinset`, or by `aria-rowindex` in a table.
 */
import { attrs, h, keyed } from "../core/dom.ts";
import { onResize } from "../core/sizes.ts";

/** Rows above and below the view that have elements, too. */
const MARGIN = 6;

/** Options of a virtual list. */
export interface VirtualListOptions<T> {
  /** Height of a row in pixels. */
  readonly rowHeight: number;
  readonly keyOf: (item: T) => string;
  readonly make: (item: T) => HTMLElement;
  readonly update: (element: HTMLElement, item: T, index: number) => void;
  /** Class of the list. */
  readonly class?: string;
  /** Role of the list, such as `listbox` or `log`; default: `list`. */
  readonly role?: string;
  /** Name of the list for screen readers. */
  readonly label: string;
  /** Role of rows; default: `listitem`. */
  readonly rowRole?: string;
}

/** A virtual list. */
export interface VirtualList<T> {
  /** The element that scrolls. */
  readonly element: HTMLElement;
  /**
   * Shows other items; call it in `update` of a view. `toEnd` scrolls to the end,
   * for less than `scrollToEnd` after it: rows are drawn once.
   */
  setItems(items: readonly T[], toEnd?: boolean): void;
  /** Draws the rows again after a change within items. */
  refresh(): void;
  /** Scrolls a row into view, if it is not. */
  reveal(index: number): void;
  /** Whether the end of the list is in view. */
  isAtEnd(): boolean;
  scrollToEnd(): void;
  /** The element of a key, if its row is in view. */
  row(key: string): HTMLElement | undefined;
  /** Called when the user has scrolled. */
  onScroll: (() => void) | undefined;
}

/** Returns a virtual list. */
export function virtualList<T>(options: VirtualListOptions<T>): VirtualList<T> {
  const { rowHeight, keyOf, make, update } = options;
  const rows = h("div", { class: "virtual-rows", role: "presentation" });
  const space = h(
    "div",
    { class: "virtual-space", role: "presentation" },
    rows,
  );
  const element = h("div", {
    class: `virtual ${options.class ?? ""}`,
    role: options.role ?? "list",
    "aria-label": options.label,
    tabindex: 0,
  }, space);
  let items: readonly T[] = [];
  let height = 0;
  const places = new Map<string, number>();
  const shown = new Map<string, HTMLElement>();

  const viewHeight = () => height || element.clientHeight;
  const draw = (top = element.scrollTop) => {
    const view = viewHeight();
    const first = Math.max(0, Math.floor(top / rowHeight) - MARGIN);
    const last = Math.min(
      items.length,
      Math.ceil((top + view) / rowHeight) + MARGIN,
    );
    const visible = items.slice(first, last);
    places.clear();
    shown.clear();
    visible.forEach((item, i) => places.set(keyOf(item), first + i));
    space.style.height = `${items.length * rowHeight}px`;
    rows.style.transform = `translateY(${first * rowHeight}px)`;
    keyed(rows, visible, keyOf, (item) => {
      const row = make(item);
      row.setAttribute("role", options.rowRole ?? "listitem");
      return row;
    }, (row, item) => {
      const key = keyOf(item);
      const place = places.get(key)!;
      shown.set(key, row);
      attrs(
        row,
        options.rowRole === "row"
          // Row 1 is the head of the table around it.
          ? { "aria-rowindex": String(place + 2) }
          : {
            "aria-setsize": String(items.length),
            "aria-posinset": String(place + 1),
          },
      );
      update(row, item, place);
    });
  };

  let isAsked = false;
  const list: VirtualList<T> = {
    element,
    setItems(next, toEnd = false) {
      items = next;
      if (!toEnd) return draw();
      const top = Math.max(0, items.length * rowHeight - viewHeight());
      draw(top);
      element.scrollTop = top;
    },
    refresh: () => draw(),
    reveal(index) {
      const top = index * rowHeight;
      const view = element.clientHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + rowHeight > element.scrollTop + view) {
        element.scrollTop = top + rowHeight - view;
      } else return;
      draw();
    },
    isAtEnd: () =>
      element.scrollTop + element.clientHeight >=
        element.scrollHeight - rowHeight,
    scrollToEnd() {
      element.scrollTop = element.scrollHeight;
      draw();
    },
    row: (key) => shown.get(key),
    onScroll: undefined,
  };
  const drawSoon = () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
  element.addEventListener("scroll", () => {
    list.onScroll?.();
    drawSoon();
  }, { passive: true });
  onResize(element, (_, size) => {
    height = size;
    drawSoon();
  });
  return list;
}
