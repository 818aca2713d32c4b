/** The tables in docs/recorders.md, which are generated. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGE, withTables } from "../../tools/vocabulary_docs.ts";

/** Removes the padding of tables. */
const bare = (page: string) => page.replace(/ *\| */g, "|").replace(/-+/g, "-");

test("docs/recorders.md has the tables of the presets", () => {
  const page = readFileSync(PAGE, "utf8");
  assert.equal(
    bare(page),
    bare(withTables(page)),
    "run: deno run --allow-read --allow-write tools/vocabulary_docs.ts",
  );
});
