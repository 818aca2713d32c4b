/**
 * Draws the folders of src/ by floor, each with the folders that it imports.
 *
 * `deno task house` writes the drawing into `CONTRIBUTING.md`; a test fails
 * while that page is out of date.
 */
import { filesUnder, importsOf } from "./imports.ts";
import { CONTRIBUTING, writeSection } from "./pages.ts";

/** Returns the folders that each folder of src/ imports, types included. */
export function foldersOf(
  files: readonly string[],
  imports: (file: string) => readonly string[],
): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const folder = folderOf(file);
    const below = folders.get(folder) ?? new Set();
    folders.set(folder, below);
    for (const imported of imports(file)) {
      const other = folderOf(imported);
      if (other !== folder) below.add(other);
    }
  }
  return folders;
}

/** Returns the folder of a file: `http` for `src/http/metrics/handler.ts`. */
function folderOf(file: string): string {
  return file.split("/")[1]!;
}

/**
 * Returns the floor of each folder: one above the highest folder that it
 * imports.
 *
 * @throws {Error} If folders import each other in a circle.
 */
export function floorsOf(
  folders: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, number> {
  const floors = new Map<string, number>();
  const visit = (folder: string, path: readonly string[]): number => {
    if (path.includes(folder)) {
      const circle = [...path.slice(path.indexOf(folder)), folder];
      throw new Error(`Cannot draw a circle: ${circle.join(" -> ")}`);
    }
    const known = floors.get(folder);
    if (known !== undefined) return known;
    const below = [...folders.get(folder) ?? []]
      .map((other) => visit(other, [...path, folder]));
    const floor = Math.max(-1, ...below) + 1;
    floors.set(folder, floor);
    return floor;
  };
  for (const folder of folders.keys()) visit(folder, []);
  return floors;
}

/** Returns one line per folder, the highest floor first. */
export function drawing(
  folders: ReadonlyMap<string, ReadonlySet<string>>,
): string {
  const floors = floorsOf(folders);
  const byFloor = (a: string, b: string): number =>
    floors.get(b)! - floors.get(a)! || (a < b ? -1 : 1);
  const lines: string[] = [];
  let last: number | undefined;
  for (const folder of [...folders.keys()].sort(byFloor)) {
    const floor = floors.get(folder)!;
    const below = [...folders.get(folder)!].sort(byFloor).join("  ");
    const label = floor === last ? " " : `${floor}`;
    lines.push(`${label}  ${folder.padEnd(11)} ${below}`.trimEnd());
    last = floor;
  }
  return lines.join("\n");
}

/** Returns the drawing of this tree as a Markdown code block. */
export function house(): string {
  const drawn = drawing(foldersOf(filesUnder("src"), importsOf));
  return `\`\`\`\n${drawn}\n\`\`\``;
}

if (import.meta.main) writeSection(CONTRIBUTING, "house", house());
