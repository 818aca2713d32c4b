/** Rewrites sections of documentation pages. */
import { readFileSync, writeFileSync } from "node:fs";
import { ROOT } from "./imports.ts";

/** The page for contributors. */
export const CONTRIBUTING = "CONTRIBUTING.md";

/**
 * Returns the page with `text` between the comments `name` and `end of name`.
 *
 * @throws {Error} If the page has no such section.
 */
export function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const from = page.indexOf(begin), to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(
      `Cannot write section "${name}": its marks are missing; ` +
        `add ${begin} and ${end}`,
    );
  }
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

/** Writes one section of a page in this tree. */
export function writeSection(file: string, name: string, text: string): void {
  const page = readFileSync(ROOT + file, "utf8");
  writeFileSync(ROOT + file, withSection(page, name, text));
}
