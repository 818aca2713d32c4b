import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { drawing, floorsOf, foldersOf, house } from "../tools/house.ts";
import { importsOf, ROOT } from "../tools/imports.ts";
import { CONTRIBUTING, withSection } from "../tools/pages.ts";

/** Returns folders by name, with the folders that each imports. */
function graph(
  imports: Readonly<Record<string, readonly string[]>>,
): Map<string, Set<string>> {
  return new Map(
    Object.entries(imports).map(([name, below]) => [name, new Set(below)]),
  );
}

test("CONTRIBUTING.md shows the drawing that house() returns", () => {
  const page = readFileSync(ROOT + CONTRIBUTING, "utf8");
  assert.equal(
    page,
    withSection(page, "house", house()),
    "run: deno task house",
  );
});

test("foldersOf() counts imports across folders, and none within one", () => {
  const files = ["src/a/x.ts", "src/a/room/y.ts", "src/b/mod.ts"];
  const imports: Record<string, string[]> = {
    "src/a/x.ts": ["src/a/room/y.ts"],
    "src/a/room/y.ts": ["src/b/mod.ts"],
  };
  assert.deepEqual(
    foldersOf(files, (file) => imports[file] ?? []),
    graph({ a: ["b"], b: [] }),
  );
});

test("floorsOf() puts a folder above all folders that it imports", () => {
  const floors = floorsOf(graph({ c: ["a", "b"], b: ["a"], a: [], d: ["a"] }));
  assert.deepEqual(Object.fromEntries(floors), { a: 0, b: 1, c: 2, d: 1 });
});

test("floorsOf() refuses a circle and prints it", () => {
  assert.throws(
    () => floorsOf(graph({ a: ["b"], b: ["c"], c: ["b"] })),
    { message: "Cannot draw a circle: b -> c -> b" },
  );
});

test("drawing() prints each floor once, the highest first", () => {
  assert.equal(
    drawing(graph({ a: [], b: ["a"], c: ["a"], d: ["a", "b"] })),
    [
      "2  d           b  a",
      "1  b           a",
      "   c           a",
      "0  a",
    ].join("\n"),
  );
});

test("importsOf() finds imports over several lines, and leaves packages out", () => {
  const imports = importsOf("tests/house_test.ts");
  assert.deepEqual(imports, [
    "tools/house.ts",
    "tools/imports.ts",
    "tools/pages.ts",
  ]);
});

test("withSection() refuses a page without the section", () => {
  assert.throws(() => withSection("# Page\n", "house", ""), {
    message: 'Cannot write section "house": its marks are missing; ' +
      "add <!-- house --> and <!-- end of house -->",
  });
});
