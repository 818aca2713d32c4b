/** Every check of the reference systems has a test and a row in the docs. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** The number of checks per system. */
const CHECKS = { "000": 15, "001": 15, "002": 14, "003": 15, "004": 15 };

const folder = new URL("./", import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.startsWith("reference_"))
  .map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
const page = readFileSync(
  new URL("../../docs/reference-systems.md", import.meta.url),
  "utf8",
);

test("every check of the reference systems has a test", () => {
  for (const [system, count] of Object.entries(CHECKS)) {
    for (let check = 1; check <= count; check++) {
      assert.match(
        sources,
        new RegExp(`test\\(\\s*["\`]${system}\\.${check} `),
      );
    }
  }
});

test("docs/reference-systems.md lists exactly the existing checks", () => {
  const tested = [...sources.matchAll(/test\(\s*["`](\d{3}\.\d+ [^"`]+)["`]/g)]
    .map(([, name]) => name!);
  const rows = [
    ...page.matchAll(/^\| (\d{3}\.\d+) +\| (.*?) +\| (\w+) +\| (\w+)/gm),
  ];
  const listed = rows.map(([, check, behaviour]) => `${check} ${behaviour}`);
  assert.deepEqual(
    listed.toSorted(),
    tested.toSorted(),
    "run: deno run -A tools/reference_systems.ts",
  );
  for (const [row, , , deno, bun] of rows) {
    assert.deepEqual([deno, bun], ["passes", "passes"], row);
  }
});
