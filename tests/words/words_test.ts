import assert from "node:assert/strict";
import { test } from "node:test";
import { RUNTIME } from "../runtimes/server.ts";
import { skippedUnless } from "../support/rounds.ts";
import { faultsIn, filesIn, SCOPE, shown, textsIn } from "./check.ts";
import { CONSTRUCTIONS, constructionsIn } from "./constructions.ts";
import { misspeltIn, projectWords } from "./spelling.ts";
import { CODE, textsOfPage, textsOfSource } from "./texts.ts";

const textOf = (text: string) => ({ file: "a.md", line: 1, text });

/** Returns the banned constructions of a sentence. */
const foundIn = (text: string) =>
  constructionsIn(textOf(text)).map(({ found }) => found);

for (const { pattern, sample } of CONSTRUCTIONS) {
  test(`"${sample}" has a banned construction`, () => {
    const rows = CONSTRUCTIONS
      .filter(({ pattern }) => sample.match(pattern) !== null)
      .map(({ pattern }) => pattern);
    assert.deepEqual(rows, [pattern]);
    assert.equal(foundIn(sample).length, 1);
    assert.equal(foundIn(`The first one. ${sample}`).length, 1);
    assert.equal(foundIn(sample.replaceAll(" ", "\n")).length, 1);
  });
}

test("good sentences have no banned construction", () => {
  const good = [
    "What is a histogram? Who needs one?",
    "_What does it cost?_ The page shows what was sent, and who sent it.",
    "What it measures",
    "There is no more room, and no longer any. It needs any more than one.",
    "It has its own registry, and the metrics of its own process. On the other hand, it fails.",
    "The answer is so large that it is split. So many clients wait that it stops.",
    "In which case, it stops. In the first one, nothing is lost.",
    "A sender without the right is refused.",
    "Not all of that is theirs; the other lines are others.",
    "It is told to stop, and asks for nothing.",
  ];
  assert.deepEqual(good.flatMap(foundIn), []);
});

test("a fault has the line at which it begins", () => {
  const [fault] = constructionsIn({
    file: "docs/x.md",
    line: 10,
    text: "One line.\nAnother one is\ntold\nof it.",
  });
  assert.deepEqual([fault!.file, fault!.line], ["docs/x.md", 11]);
});

test("the texts of a page are its prose, without code and addresses", () => {
  const page = [
    "# The `title`",
    "",
    "```ts",
    "const code = 1; // no prose",
    "```",
    "",
    "A [link](https://example.com/adress)",
    "and <b>more</b>.",
    "",
    "| head | what it is |",
    "| ---- | ---------- |",
    "| cell | `code`     |",
  ].join("\n");
  const texts = textsOfPage("a.md", page).map(({ line, text }) =>
    `${line} ${text.replaceAll(CODE, "")}`.replaceAll("\n", " ")
  );
  assert.deepEqual(texts, [
    "1 # The ",
    "7 A [link and more.",
    "10 head",
    "10 what it is",
    "12 cell",
    "12 ",
  ]);
});

test("the texts of a source are its comments and sentences, without code", () => {
  const source = [
    "/**",
    " * Returns `x`.",
    " *",
    " * ```ts",
    " * const y = 1;",
    " * ```",
    " * @param id Name of it",
    " */",
    'const a = "// no comment", b = /\\/\\*/, c = `${a} /* none */`; // One',
    "// Two",
    "// lines",
    "f(/* inside */);",
    'throw new Error("Cannot do that with `it`: use NO_COLOR instead");',
    'const id = "no sentence";',
  ].join("\n");
  const texts = textsOfSource("a.ts", source).map(({ line, text }) =>
    `${line} ${text.replaceAll(CODE, "").trim()}`.replace(/\s+/g, " ")
  );
  assert.deepEqual(texts, [
    "1 Returns . Name of it",
    "9 One",
    "10 Two lines",
    "12 inside",
    "13 Cannot do that with : use instead",
  ]);
});

test("misspelt words are found; the words of the project are none", async () => {
  const faults = await misspeltIn([
    textOf("The right words: behaviour, licence, Hono and promtool."),
    { file: "b.md", line: 3, text: "One line\nwith a mispelt word." },
    textOf("The color of an American."),
  ]);
  assert.deepEqual(
    faults.map(({ file, line, found }) => `${file}:${line} ${found}`),
    ["b.md:4 mispelt", "a.md:1 color"],
  );
});

test("the words of the project stand in alphabetical order, once", () => {
  const words = projectWords();
  const key = (word: string) => word.toLowerCase();
  const sorted = [...new Set(words.map(key))].sort();
  assert.deepEqual(words.map(key), sorted);
});

test("the words of the book and the comments are right", {
  timeout: 120_000,
  ...skippedUnless(
    RUNTIME === "deno",
    "only Deno tests what is the same on every runtime",
  ),
}, async () => {
  const files = filesIn(SCOPE);
  assert.ok(files.length > 600);
  assert.deepEqual((await faultsIn(textsIn(files))).map(shown), []);
});
