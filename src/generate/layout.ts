/** Places panels on Grafana's grid of 24 columns, and numbers them. */
import type { GrafanaPanel, GrafanaRow } from "./dashboard_model.ts";
import type { Panel } from "./panels.ts";

/** A heading with its panels. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly isCollapsed: boolean;
}

const COLUMNS = 24;

/** Returns the rows from the top to the bottom; a panel never spans two lines. */
export function placed(
  rows: readonly Row[],
): (GrafanaPanel | GrafanaRow)[] {
  let nextId = 1;
  let y = 0;
  return rows.flatMap(({ title, panels, isCollapsed }) => {
    const id = nextId++;
    const head = { x: 0, y, w: COLUMNS, h: 1 };
    y += head.h;
    let x = 0;
    let lineHeight = 0;
    const inside: GrafanaPanel[] = panels.map((panel) => {
      const { width: w, height: h, ...rest } = panel;
      // A new line begins where the panel has no room, or another height.
      if (x + w > COLUMNS || (x > 0 && h !== lineHeight)) {
        x = 0;
        y += lineHeight;
      }
      const gridPos = { x, y, w, h };
      x += w;
      lineHeight = h;
      return { id: nextId++, ...rest, gridPos };
    });
    y += lineHeight;
    const row: GrafanaRow = {
      id,
      type: "row",
      title,
      collapsed: isCollapsed,
      gridPos: head,
      panels: isCollapsed ? inside : [],
    };
    if (isCollapsed) y = head.y + head.h;
    return isCollapsed ? [row] : [row, ...inside];
  });
}
