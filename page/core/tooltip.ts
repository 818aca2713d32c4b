/** The tooltip of the page: right below the point, flipped at the edges. */
import type { Tooltip } from "./app.ts";
import { h } from "./dom.ts";

/** Pixels between the point and the tooltip. */
const DISTANCE = 14;

/** Returns the tooltip, and its element for the end of the body. */
export function makeTooltip(): Tooltip & { readonly element: HTMLElement } {
  const element = h("div", { class: "tooltip", role: "tooltip", hidden: true });
  return {
    element,
    show(content, x, y) {
      if (element.firstChild !== content || element.childNodes.length !== 1) {
        element.replaceChildren(content);
      }
      element.hidden = false;
      const { offsetWidth: width, offsetHeight: height } = element;
      const right = x + DISTANCE + width > innerWidth - 8;
      const below = y + DISTANCE + height > innerHeight - 8;
      const left = right ? x - DISTANCE - width : x + DISTANCE;
      const top = below ? y - DISTANCE - height : y + DISTANCE;
      element.style.transform = `translate(${
        Math.max(8, Math.round(left))
      }px, ${Math.max(8, Math.round(top))}px)`;
    },
    hide() {
      element.hidden = true;
    },
  };
}
