/** Finds imports between the files of this tree by their text. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Root of the tree, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const STATEMENT =
  /^\s*(?:import|export)\s(?:[^;"'`]*?\bfrom\s*)?["']([^"']+)["']|\bimport\s*\(\s*["'`]([^"'`]+)/gm;

/** Returns the TypeScript files under `folder`, as sorted paths from the root. */
export function filesUnder(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        return entry.name === "node_modules" ? [] : filesUnder(path);
      }
      return entry.name.endsWith(".ts") ? [path] : [];
    })
    .sort();
}

/** Returns the files of the tree that `file` imports, types included. */
export function importsOf(file: string): string[] {
  const code = readFileSync(ROOT + file, "utf8");
  const found = new Set<string>();
  for (const [, plain, dynamic] of code.matchAll(STATEMENT)) {
    const from = plain ?? dynamic!;
    if (!from.startsWith(".")) continue;
    found.add(new URL(from, `file:///${file}`).pathname.slice(1));
  }
  return [...found].sort();
}
