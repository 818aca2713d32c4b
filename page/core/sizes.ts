/** One ResizeObserver for the whole page. */

type Listener = (width: number, height: number) => void;

const listeners = new WeakMap<Element, Listener>();

const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    listeners.get(target)?.(contentRect.width, contentRect.height);
  }
});

/**
 * Calls `listener` with the size of the content of an element, at first and at
 * each change, before the next frame is painted. One listener for each element.
 */
export function onResize(element: Element, listener: Listener): void {
  listeners.set(element, listener);
  observer.observe(element);
}
