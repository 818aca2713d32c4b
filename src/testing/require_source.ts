/** Refuses what is not a source, such as `defaultRegistry` without `()`. */
import { display } from "../base/internal.ts";
import type { Source } from "../model/mod.ts";

/**
 * @param action The start of the message, such as `Cannot read`.
 * @throws {TypeError} If `source` is not a source.
 */
export function requireSource(action: string, source: Source): void {
  if (Array.isArray((source as Partial<Source> | null | undefined)?.descs)) {
    return;
  }
  const name = typeof source === "function"
    ? (source as { readonly name: string }).name
    : "";
  const shown = name === "" ? display(source) : `the function ${name}`;
  throw new TypeError(
    `${action} ${shown}: give a source, such as ${name || "createRegistry"}()`,
  );
}
