/** Tables and sections of Markdown pages. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the module. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.join(" | ")} |`).join("\n");
}

export function display(value: number, unit: string): string {
  if (unit === "ns" && value >= 1000) return display(value / 1000, "µs");
  const digits = value < 10 ? value.toFixed(1) : Math.round(value).toString();
  return unit === "bytes" ? `${Math.round(value)} B` : `${digits} ${unit}`;
}

export function madeOn(machine: string): string {
  return `Made on ${machine}.`;
}

/** Rewrites sections of a page, each between two comments. */
export function fill(
  file: string,
  parts: Readonly<Record<string, string>>,
): void {
  let page = readFileSync(ROOT + file, "utf8");
  for (const [name, text] of Object.entries(parts)) {
    const begin = `<!-- ${name} -->\n`;
    const at = page.indexOf(begin);
    const to = page.indexOf(`\n<!-- end of ${name} -->`);
    if (at < 0 || to < at) {
      throw new Error(
        `Cannot write ${file}: the marks of section "${name}" are missing`,
      );
    }
    const before = page.slice(0, at + begin.length);
    page = `${before}\n${text}\n${page.slice(to)}`;
  }
  writeFileSync(ROOT + file, page);
}
