import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PAGE, withTables } from "../../tools/vocabulary_docs.ts";

/** A table without the blanks that line it up. */
const bare = (page: string) => page.replace(/ *\| */g, "|").replace(/-+/g, "-");

test("the tables of the docs are those of the vocabularies", () => {
  const page = readFileSync(PAGE, "utf8");
  assert.equal(
    bare(page),
    bare(withTables(page)),
    "run: deno run --allow-read --allow-write tools/vocabulary_docs.ts",
  );
});
