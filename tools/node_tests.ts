/**
 * Prepares what the tests need on Node, into `dist`: the built package, the
 * transpiled tests, and the hooks that connect them (see `node_hooks.ts`).
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stop, transform } from "esbuild";
import { findNode, type NodeMajor } from "./node.ts";
import { buildPackage } from "./npm.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = join(ROOT, "dist", "npm");
const TRANSPILED = join(ROOT, "dist", "node", "transpiled");
const HOOKS = join(ROOT, "dist", "node", "hooks.js");

/** The sources of the package. */
const SOURCES = ["mod.ts", "src", "docs", "README.md", "CHANGELOG.md"];
const BUILDERS = ["deno.json", "package.json", "tools/npm.ts"];

/** The folders whose files tests import or run. */
const TESTS = ["tests", "tools", "demo", "examples", "bench"];

/** Returns the paths of a file, or of all files and folders in a folder. */
function pathsIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const inside = readdirSync(path)
    .filter((name) => name !== "node_modules")
    .flatMap((name) => pathsIn(join(path, name)));
  return [path, ...inside];
}

const below = (names: readonly string[]): string[] =>
  names.flatMap((name) => pathsIn(join(ROOT, name)));

/** Returns whether the package is newer than its sources. */
function isBuilt(): boolean {
  const manifest = join(PACKAGE, "package.json");
  if (!existsSync(manifest)) return false;
  const { mtimeMs } = statSync(manifest); // written last
  return below([...SOURCES, ...BUILDERS])
    .every((path) => statSync(path).mtimeMs < mtimeMs);
}

/** Builds the package and transpiles the tests. */
async function prepare(): Promise<void> {
  if (!isBuilt()) buildPackage(PACKAGE);
  const tests = below(TESTS).filter((path) => path.endsWith(".ts"));
  await Promise.all([
    ...tests.map((path) =>
      transpile(path, join(TRANSPILED, relative(ROOT, path)))
    ),
    transpile(join(ROOT, "tools", "node_hooks.ts"), HOOKS),
  ]);
  await stop();
}

/** Transpiles a file for the oldest Node, which lacks `using`. */
async function transpile(from: string, to: string): Promise<void> {
  const { code } = await transform(readFileSync(from, "utf8"), {
    loader: "ts",
    format: "esm",
    target: "node22",
    sourcefile: from,
    sourcemap: "inline",
    sourcesContent: false,
  });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, code);
}

/** Returns the files of the tests in files and folders, relative to the root. */
export function testsIn(paths: readonly string[]): string[] {
  return below(paths).filter((path) => path.endsWith("_test.ts"))
    .map((path) => relative(ROOT, path));
}

/** The command that runs tests on Node, and the variables that it needs. */
export interface NodeCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Options of a run on Node. */
export interface NodeOptions {
  /** Timeout of a test that sets none, in milliseconds. */
  readonly timeout: number;
}

/** By major version: runs all files in one process, which takes half the time. */
const ONE_PROCESS: Readonly<Record<NodeMajor, string>> = {
  22: "--experimental-test-isolation=none",
  24: "--test-isolation=none",
};

let prepared: Promise<void> | undefined;

/** Returns the command that runs tests on Node of a major version. */
export async function nodeCommand(
  major: NodeMajor,
  paths: readonly string[],
  { timeout }: NodeOptions,
): Promise<NodeCommand> {
  await (prepared ??= prepare());
  const hooks = pathToFileURL(HOOKS);
  return {
    command: [
      findNode(major),
      "--test",
      "--test-reporter=spec",
      // As Deno and Bun do: what a failed test left open delays no other.
      "--test-force-exit",
      ONE_PROCESS[major],
      `--test-timeout=${timeout}`,
      ...testsIn(paths),
    ],
    // For the programs that tests start, too.
    env: { NODE_OPTIONS: `--import=${hooks} --enable-source-maps` },
  };
}
