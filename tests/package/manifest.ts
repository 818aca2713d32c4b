/**
 * Checks the packed package as registries and resolvers see it.
 *
 * `deno task package` runs these tests; they need npm.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import deno from "../../deno.json" with { type: "json" };
import { filesIn } from "../../tools/npm.ts";
import { findNode } from "../../tools/node.ts";
import { importsOf } from "../support/imports.ts";
import { DENO, pack, ROOT, run } from "./project.ts";

const TOOLS = join(ROOT, "tools", "package");
if (!existsSync(join(TOOLS, "node_modules"))) {
  await run([DENO, "install", "--quiet"], TOOLS);
}

const packed = await pack();
const packedFiles = await filesOf(packed.tarball);

/** Returns the text of every packed file, by its path in the package. */
async function filesOf(tarball: string): Promise<Map<string, string>> {
  await run(["tar", "-xzf", tarball], packed.folder);
  const folder = join(packed.folder, "package");
  return new Map(
    filesIn(folder)
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

/** Returns the paths of the package that a file names relative to itself. */
const resolve = (file: string, path: string): string =>
  join(dirname(file), path).replaceAll("\\", "/");

test("every door of deno.json has a module and declarations", () => {
  const { exports, name, version } = packed.manifest;
  assert.equal(name, deno.name);
  assert.equal(version, deno.version);
  assert.deepEqual(Object.keys(exports), Object.keys(deno.exports));
  for (const targets of Object.values(exports)) {
    assert.deepEqual(Object.keys(targets), ["types", "default"]);
    for (const target of Object.values(targets)) {
      assert.ok(packedFiles.has(target.slice(2)), target);
    }
  }
});

test("modules and declarations import files of the package alone", () => {
  for (const [file, text] of packedFiles) {
    if (!/\.(?:d\.ts|js)$/.test(file)) continue;
    for (const { from } of importsOf(text)) {
      const target = resolve(file, from);
      assert.match(from, /^\.\.?\/.*\.js$/, file);
      const needed = file.endsWith(".js")
        ? target
        : target.replace(/\.js$/, ".d.ts");
      assert.ok(packedFiles.has(needed), `${file} imports ${needed}`);
    }
  }
});

test("source maps lead to sources that the package has", () => {
  for (const [file, text] of packedFiles) {
    if (!file.endsWith(".map")) continue;
    const { sources } = JSON.parse(text) as { sources: string[] };
    assert.equal(sources.length, 1, file);
    const source = resolve(file, sources[0]!);
    assert.equal(
      packedFiles.get(source),
      readFileSync(join(ROOT, source), "utf8"),
    );
  }
});

test("the package names no folder of the machine that has built it", () => {
  for (const [file, text] of packedFiles) {
    for (const folder of [ROOT, packed.folder]) {
      assert.ok(!text.includes(folder), `${file} names ${folder}`);
    }
  }
});

test("links of the pages have targets", () => {
  const url = /"homepage": "(.+)#readme"/.exec(
    packedFiles.get("package.json")!,
  );
  const repository = `${url![1]}/blob/main/`;
  const folders = new Set([...packedFiles.keys()].map((file) => dirname(file)));
  for (const [file, text] of packedFiles) {
    if (!file.endsWith(".md")) continue;
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+)/g)) {
      const isOurs = link!.startsWith(repository);
      if (!isOurs && /^\w+:/.test(link!)) continue;
      const target = isOurs
        ? link!.slice(repository.length)
        : resolve(file, link!);
      const exists = isOurs
        ? existsSync(join(ROOT, target))
        : packedFiles.has(target) || folders.has(target);
      assert.ok(exists, `${file}: ${link}`);
    }
  }
});

/** Runs a program of npm on the packed package. */
const check = (program: string, ...options: string[]) =>
  run(
    [findNode(24), join(TOOLS, "node_modules", program), ...options],
    packed.folder,
  );

test("publint has no complaint", async () => {
  const output = await check(
    "publint/src/cli.js",
    "--strict",
    packed.tarball,
  );
  assert.match(output, /All good!/);
});

// It looks through all files of a package for each module that it resolves: without
// the sources, the documentation and the maps it takes a third of the time. The
// profile leaves out Node 10 and `require()` of older Nodes: the package has ES
// modules, which Node 22.12 and later `require()` too.
test("are-the-types-wrong has no complaint", async () => {
  const others = ["docs", "src", "*.map"].map((name) =>
    `--exclude=package/${name}`
  );
  const modules = join(packed.folder, "modules.tgz");
  await run(["tar", "-czf", modules, ...others, "package"], packed.folder);
  await check(
    "@arethetypeswrong/cli/dist/index.js",
    ...["--profile", "esm-only", modules],
  );
});

test("the files are removed", () => packed.remove());
