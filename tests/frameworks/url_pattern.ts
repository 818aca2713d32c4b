/** Patterns of `denoRouter()`, where the runtime has them. */
import { skippedUnless } from "../support/rounds.ts";

/** Returns the pattern of a path. */
export const at = (pathname: string): URLPattern =>
  new URLPattern({ pathname });

/** Whether the runtime has `URLPattern`. */
export const hasUrlPattern: boolean = "URLPattern" in globalThis;

/** Returns the option that skips a test without `URLPattern`. */
export function needsUrlPattern(): { skip: string | false } {
  return skippedUnless(hasUrlPattern, "Node 22 has no URLPattern");
}
