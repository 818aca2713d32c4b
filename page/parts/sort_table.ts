/**
 * A table that is sorted by a click on a head.
 *
 * - Rows are kept by key, so the focus survives updates.
 * - The order changes at a click and every 10 s, but never under the pointer.
 */
import { attrs, h, keyed } from "../core/dom.ts";

/** Milliseconds after which rows may move by themselves. */
const SETTLED = 10_000;

/** A column of a table. */
export interface Column<T> {
  readonly key: string;
  readonly head: string;
  /** Aligns to the right; its first order is descending. */
  readonly isNumber?: boolean;
  readonly class?: string;
  /** Writes a value into its cell; called for each update. */
  readonly write: (cell: HTMLTableCellElement, item: T) => void;
  /** The value to sort by; without it the column is not sorted. */
  readonly value?: (item: T) => number | string;
}

/** Options of a table. */
export interface SortTableOptions<T> {
  /** Name of the table for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (item: T) => string;
  /** Key of the first order, and whether it is descending. */
  readonly sort?: { readonly key: string; readonly isDown: boolean };
  /** Rows beyond these are left out, after sorting. Default: none is. */
  readonly limit?: number;
  /** Called for a click on a row, or Enter on it. */
  readonly onOpen?: (item: T) => void;
  /** Called for each row at each update, for classes and states. */
  readonly updateRow?: (row: HTMLTableRowElement, item: T) => void;
}

/** A sorted table. */
export interface SortTable<T> {
  readonly element: HTMLTableElement;
  setItems(items: readonly T[]): void;
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "string" || typeof b === "string") {
    return String(a).localeCompare(String(b));
  }
  // Unknown values come last in a descending order.
  return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b);
}

/** Returns a table that is sorted by its heads. */
export function sortTable<T>(options: SortTableOptions<T>): SortTable<T> {
  const { columns, keyOf, limit, onOpen } = options;
  let sortKey = options.sort?.key ?? "";
  let isDown = options.sort?.isDown ?? false;
  let items: readonly T[] = [];
  let order: string[] = [];
  let orderedAt = -Infinity;
  const itemOf = new WeakMap<Element, T>();

  const heads = columns.map((column) => {
    const className = `${column.isNumber ? "num " : ""}${column.class ?? ""}`;
    const content = column.value === undefined ? column.head : h("button", {
      type: "button",
      onclick: () => {
        isDown = sortKey === column.key ? !isDown : column.isNumber === true;
        sortKey = column.key;
        orderedAt = -Infinity;
        draw();
      },
    }, column.head);
    return h("th", { scope: "col", class: className }, content);
  });
  const body = h("tbody");
  const element = h(
    "table",
    { class: "table", "aria-label": options.label },
    h("thead", null, h("tr", null, heads)),
    body,
  );

  const sorted = (): readonly T[] => {
    const column = columns.find(({ key }) => key === sortKey);
    const now = performance.now();
    const mayMove = orderedAt === -Infinity ||
      (now - orderedAt > SETTLED && !body.matches(":hover"));
    if (mayMove) {
      orderedAt = now;
      const { value } = column ?? {};
      const next = value === undefined ? items : [...items].sort((a, b) => {
        const way = compare(value(a), value(b));
        return isDown ? -way : way;
      });
      order = next.map(keyOf);
      return next;
    }
    // The order of before; new items come last.
    const places = new Map(order.map((key, i) => [key, i]));
    const placeOf = (item: T) => places.get(keyOf(item)) ?? order.length;
    return [...items].sort((a, b) => placeOf(a) - placeOf(b));
  };

  const make = (): HTMLTableRowElement =>
    h(
      "tr",
      onOpen === undefined ? null : { tabindex: 0 },
      columns.map((column) =>
        h("td", {
          "data-head": column.head,
          class: `${column.isNumber ? "num " : ""}${column.class ?? ""}`,
        })
      ),
    );

  const draw = () => {
    columns.forEach((column, i) => {
      if (column.value === undefined) return;
      const way = isDown ? "descending" : "ascending";
      const isSorted = column.key === sortKey;
      attrs(heads[i]!, { "aria-sort": isSorted ? way : "none" });
    });
    keyed(body, sorted().slice(0, limit), keyOf, make, (row, item) => {
      itemOf.set(row, item);
      columns.forEach((column, i) => column.write(row.cells[i]!, item));
      options.updateRow?.(row, item);
    });
  };

  if (onOpen !== undefined) {
    const open = (event: Event) => {
      const row = (event.target as Element).closest("tr");
      const item = row === null ? undefined : itemOf.get(row);
      if (item !== undefined) onOpen(item);
    };
    body.addEventListener("click", open);
    body.addEventListener("keydown", (event) => {
      if (
        event.key === "Enter" && event.target instanceof HTMLTableRowElement
      ) {
        open(event);
      }
    });
  }

  return {
    element,
    setItems(next) {
      items = next;
      draw();
    },
  };
}
