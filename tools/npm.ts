/**
 * Builds the npm package into `dist/npm/`.
 *
 *     deno task npm
 *
 * - The package has the sources, and in `js/` ES2022 modules and declarations
 *   for each. Source maps lead from both to the sources.
 * - `deno.json` is the manifest: name, version, licence and doors come from it.
 * - Nothing of the machine that builds is part of the result.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, posix } from "node:path";
import { execPath, versions } from "node:process";
import { fileURLToPath } from "node:url";
import deno from "../deno.json" with { type: "json" };
import root from "../package.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COMPILERS = join(ROOT, "tools", "compilers");

/** Where the sources are published; the owner of the package sets it. */
const REPOSITORY = "https://github.com/barograph/barograph";

/** Files and folders that the package has as they are. */
const COPIED = ["mod.ts", "src", "docs", "LICENSE", "CHANGELOG.md"];

/** The folder of everything that is compiled. */
const COMPILED = "js";

const OPTIONS = {
  strict: true,
  target: "ES2022",
  lib: ["ESNext", "DOM", "DOM.Iterable"],
  types: [],
  module: "NodeNext",
  moduleResolution: "NodeNext",
  rewriteRelativeImportExtensions: true,
  declaration: true,
  declarationMap: true,
  sourceMap: true,
};

/** Returns the files in a folder and its subfolders, relative to it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesIn(join(folder, entry.name)).map((file) => `${entry.name}/${file}`)
      : [entry.name]
  );
}

/** Runs this runtime on a program. */
function run(args: readonly string[], cwd: string): void {
  try {
    execFileSync(execPath, args, { cwd, stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: unknown; stderr: unknown };
    throw new Error(`Cannot run ${args.join(" ")}:\n${stdout}${stderr}`);
  }
}

/** Compiles the sources of a folder into its folder `js`. */
function compile(folder: string): void {
  const compiler = join(
    COMPILERS,
    "node_modules",
    "typescript-7",
    "bin",
    "tsc",
  );
  const isDeno = versions["deno"] !== undefined;
  if (!existsSync(compiler)) run(["install"], COMPILERS);
  const config = join(folder, "tsconfig.json");
  const files = Object.values(deno.exports);
  const outDir = `./${COMPILED}`;
  const compilerOptions = { ...OPTIONS, rootDir: ".", outDir };
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  run([...isDeno ? ["run", "-A"] : [], compiler, "-p", config], folder);
  rmSync(config);
}

/** Returns the path of the module compiled from a source. */
const compiled = (source: string, ending: string): string =>
  `./${posix.join(COMPILED, source).replace(/\.ts$/, ending)}`;

/** The text of a declaration file that names types which a project may lack. */
const WEB = readFileSync(join(ROOT, "tools", "package", "web.d.ts"), "utf8");
const WEB_TYPES = [...WEB.matchAll(/^export type (\w+)/gm)]
  .map(([, name]) => name!);

/** Returns the lines that a declaration file needs above its text. */
function headOf(file: string, text: string): string[] {
  const code = text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  const names = WEB_TYPES
    .filter((name) => new RegExp(`\\b${name}\\b`).test(code)).join(", ");
  const from = posix.relative(posix.dirname(file), "web.js")
    .replace(/^(?!\.)/, "./");
  return [
    ...(/\b(?:Async)?Disposable\b|\bSymbol\.(?:asyncD|d)ispose\b/.test(code)
      ? ['/// <reference lib="esnext.disposable" />']
      : []),
    ...(/\bReadableStream\b/.test(code) && names === ""
      ? [`import type {} from "${from}";`]
      : []),
    ...(names === "" ? [] : [`import type { ${names} } from "${from}";`]),
  ];
}

/** Makes every declaration name compiled modules, and types that exist. */
function finishDeclarations(folder: string): void {
  for (const file of filesIn(folder)) {
    if (!file.endsWith(".d.ts")) continue;
    const path = join(folder, file);
    const text = readFileSync(path, "utf8")
      // The compiler rewrites specifiers in modules only.
      .replace(/(\b(?:from |import\()"\.[^"]+)\.ts"/g, '$1.js"')
      .replaceAll("typeof globalThis.fetch", "GlobalFetch");
    const head = headOf(file, text);
    writeFileSync(path, [...head, text].join("\n"));
    // Each ";" in the mappings ends a line.
    const map = JSON.parse(readFileSync(`${path}.map`, "utf8"));
    map.mappings = ";".repeat(head.length) + map.mappings;
    writeFileSync(`${path}.map`, JSON.stringify(map));
  }
  writeFileSync(join(folder, "web.d.ts"), WEB);
}

/** The program that `npx` runs: `import.meta.main` is missing in Node 22. */
const PROGRAM = `#!/usr/bin/env node
import { runProgram } from "./src/cli/program.js";

runProgram();
`;

/** Returns the manifest of the package. */
function manifest(): object {
  const exports = Object.entries(deno.exports).map(([door, source]) => [door, {
    types: compiled(source, ".d.ts"),
    default: compiled(source, ".js"),
  }]);
  const types = Object.entries(deno.exports).filter(([door]) => door !== ".")
    .map(([door, source]) => [door.slice(2), [compiled(source, ".d.ts")]]);
  return {
    name: deno.name,
    version: deno.version,
    description: root.description,
    keywords: root.keywords,
    license: deno.license,
    homepage: `${REPOSITORY}#readme`,
    bugs: `${REPOSITORY}/issues`,
    repository: { type: "git", url: `git+${REPOSITORY}.git` },
    type: "module",
    sideEffects: false,
    engines: { node: ">=22.12" },
    bin: { barograph: `./${COMPILED}/barograph.js` },
    exports: Object.fromEntries(exports),
    // For compilers that ignore `exports`, as in projects of CommonJS before
    // TypeScript 6; what they emit is resolved by `exports`.
    types: compiled(deno.exports["."], ".d.ts"),
    typesVersions: { "*": Object.fromEntries(types) },
    files: [COMPILED, ...COPIED],
  };
}

/** Makes links to files that the package lacks lead to the repository. */
function finishLinks(folder: string): void {
  for (const file of filesIn(folder)) {
    if (!file.endsWith(".md")) continue;
    const path = join(folder, file);
    const text = readFileSync(path, "utf8").replace(
      /(?<=\]\()(?!\w+:|#)([^)#\s]+)/g,
      (link) => {
        const target = posix.join(posix.dirname(file), link);
        const isHere = existsSync(join(folder, target));
        return isHere ? link : `${REPOSITORY}/blob/main/${target}`;
      },
    );
    writeFileSync(path, text);
  }
}

/** Builds the package in a folder, which is emptied first. */
export function buildPackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of [...COPIED, "README.md"]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify(manifest(), undefined, 2) + "\n",
  );
  compile(folder);
  finishDeclarations(join(folder, COMPILED));
  writeFileSync(join(folder, COMPILED, "barograph.js"), PROGRAM, {
    mode: 0o755,
  });
  finishLinks(folder);
}

if (import.meta.main) buildPackage(join(ROOT, "dist", "npm"));
