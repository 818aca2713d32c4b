/** The files whose words are checked, and the check. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { ROOT } from "../support/programs.ts";
import { constructionsIn, type Fault } from "./constructions.ts";
import { misspeltIn } from "./spelling.ts";
import { type Text, textsOf } from "./texts.ts";

/** The files and folders whose words are checked. */
export const SCOPE: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs",
  "bench",
  "demo",
  "examples",
  "page",
  "tools",
  "mod.ts",
  "src",
];

/** Files that programs write. */
const GENERATED = [
  "docs/opentelemetry-conformance.md",
  "src/dashboard/page_text.ts",
];

/** Returns the files of paths, which are relative to the repository. */
export function filesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(ROOT + path).isDirectory()) return [path];
    const inside = readdirSync(ROOT + path)
      .filter((name) => !["node_modules", "images"].includes(name))
      .map((name) => `${path.replace(/\/$/, "")}/${name}`);
    return filesIn(inside).filter((file) => /\.(?:md|tsx?)$/.test(file));
  }).filter((file) => !GENERATED.includes(file));
}

/** Returns the texts of files. */
export function textsIn(files: readonly string[]): Text[] {
  return files.flatMap((file) =>
    textsOf(file, readFileSync(ROOT + file, "utf8"))
  );
}

/** Returns the faults of texts, in the order of the texts. */
export async function faultsIn(texts: readonly Text[]): Promise<Fault[]> {
  return [...texts.flatMap(constructionsIn), ...await misspeltIn(texts)];
}

/** Returns a fault as a line. */
export function shown({ file, line, found, instead }: Fault): string {
  return `${file}:${line} "${found}": write ${instead}`;
}
