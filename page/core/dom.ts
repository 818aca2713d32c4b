/**
 * Makes and updates elements.
 *
 * - Texts become text nodes: a label value, a route or an error can never become
 *   markup.
 * - Properties of `style` are set one by one: the policy of the page forbids
 *   style attributes.
 */

/** A child of an element; null is left out. */
export type Child = Node | string | null;

/** A child of `h()`; what is empty is left out, lists are flattened. */
export type Content =
  | Node
  | string
  | number
  | null
  | undefined
  | false
  | readonly Content[];

/**
 * Attributes by name. Functions are listeners, such as `onclick`; true is an
 * empty attribute; false, null and undefined are left out.
 */
export type Props = Readonly<
  Record<
    string,
    | string
    | number
    | boolean
    | null
    | undefined
    // deno-lint-ignore no-explicit-any -- a listener of any event
    | ((event: any) => void)
  >
>;

function setProps(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value);
      continue;
    }
    const text = value === true ? "" : String(value);
    if (name === "style" || (name === "href" && !text.startsWith("#"))) {
      throw new TypeError(`Cannot set ${name}="${text}": it is not safe`);
    }
    element.setAttribute(name, text);
  }
}

function append(element: Element, children: readonly Content[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node) element.append(child);
    else if (typeof child === "object") append(element, child);
    else element.append(String(child));
  }
}

/** Makes an element with attributes, listeners and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props?: Props | null,
  ...children: Content[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (props) setProps(element, props);
  append(element, children);
  return element;
}

/** Makes an element with a class ("" for none) and children. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = "",
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** Sets attributes and returns the element; null takes an attribute away. */
export function attrs<T extends Element>(
  element: T,
  attributes: Readonly<Record<string, string | null>>,
): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) {
      element.setAttribute(name, value);
    }
  }
  return element;
}

/** Changes the text of a node if it differs: an equal text costs no layout. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Makes a button that calls `onClick`. */
export function button(
  className: string,
  label: string,
  onClick: () => void,
): HTMLButtonElement {
  const element = el("button", className, label);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Makes an SVG image of 16 × 16 from shapes: the tag and the attributes of each. */
export function svg(
  className: string,
  shapes: readonly (readonly [string, Readonly<Record<string, string>>])[],
): SVGSVGElement {
  const image = document.createElementNS(SVG, "svg");
  attrs(image, { class: className, viewBox: "0 0 16 16" });
  for (const [tag, attributes] of shapes) {
    image.append(attrs(document.createElementNS(SVG, tag), attributes));
  }
  return image;
}

/** Replaces the content of an element. */
export function setChildren(element: Element, ...children: Content[]): void {
  element.replaceChildren();
  append(element, children);
}

const keyedNodes = new WeakMap<Element, Map<string, Element>>();

/**
 * Makes the children of `parent` follow `items`: one element for each key, kept
 * and updated while its key is there, in the order of the items. A focused
 * element keeps the focus. `parent` must have no other children.
 */
export function keyed<T, E extends Element>(
  parent: Element,
  items: readonly T[],
  keyOf: (item: T) => string,
  make: (item: T) => E,
  update: (element: E, item: T) => void,
): void {
  const before = keyedNodes.get(parent) ?? new Map<string, Element>();
  const after = new Map<string, Element>();
  const focused = document.activeElement;
  const hadFocus = focused !== null && focused !== parent &&
    parent.contains(focused);
  for (const item of items) {
    const key = keyOf(item);
    if (after.has(key)) continue;
    const element = (before.get(key) ?? make(item)) as E;
    update(element, item);
    after.set(key, element);
  }
  for (const [key, element] of before) {
    if (!after.has(key)) element.remove();
  }
  let next = parent.firstElementChild;
  for (const element of after.values()) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
  keyedNodes.set(parent, after);
  // A move in the document takes the focus away.
  if (
    hadFocus && focused !== document.activeElement && focused.isConnected
  ) (focused as HTMLElement).focus({ preventScroll: true });
}
