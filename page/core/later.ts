/**
 * The views that come after the first one.
 *
 * - The page has the shell and the overview; the other views are a second script,
 *   so that the first picture needs half of the bytes.
 * - The policy of the page admits that script by its hash, and no other: a page
 *   that is older than the program cannot load it.
 */
import type { MakeView, ViewName } from "./app.ts";

/** The second script: its views, and the style of these. */
export interface LaterViews {
  readonly makers: Readonly<Record<Exclude<ViewName, "overview">, MakeView>>;
  readonly style: string;
}

/** The part of the browser's Trusted Types that is used here. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScript: (text: string) => string },
  ): { createScript(text: string): string };
}

let provided: LaterViews | undefined;

/** Called by the second script. */
export function provideViews(views: LaterViews): void {
  provided = views;
}

// Scripts are text for nothing else than this one; its hash is checked anyway.
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes
  ?.createPolicy("barograph", { createScript: (text) => text });

/**
 * Runs the second script, and adds its style.
 *
 * @throws {Error} If the policy of the page does not admit it.
 */
export function runViews(text: string): LaterViews {
  const script = document.createElement("script");
  script.text = policy === undefined ? text : policy.createScript(text);
  document.head.append(script);
  script.remove();
  if (provided === undefined) {
    throw new Error("The program is newer than this page: load it again");
  }
  const style = new CSSStyleSheet();
  style.replaceSync(provided.style);
  document.adoptedStyleSheets.push(style);
  return provided;
}
