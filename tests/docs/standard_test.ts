/**
 * The pages of docs/ have one shape: the title, the question that the page answers
 * with a short answer, a block that runs, sections, and at the end an example.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromMarkdown } from "mdast-util-from-markdown";
import { toString } from "mdast-util-to-string";
import { blocksOf, DOCS, lineOf, nodesOf, type Page } from "./pages.ts";

/** Pages of another shape, with the reason. */
const OTHERS: Readonly<Record<string, string>> = {
  "docs/README.md": "the index",
  "docs/opentelemetry-conformance.md": "is written by a program",
};

/** Returns the demands that a page does not meet. */
function faultsOf(page: Page): string[] {
  const { content } = page;
  const [title, answer] = content;
  const second = [...nodesOf(content, "heading")]
    .find(({ depth }) => depth === 2);
  const end = second === undefined ? Infinity : lineOf(second);
  const example = content.findIndex((node) =>
    node.type === "heading" && /^Examples?$/.test(toString(node))
  );
  const question = answer?.type === "paragraph"
    ? answer.children[0]
    : undefined;
  const after = content.slice(example + 1);
  const next = after.findIndex(({ type }) => type === "heading");
  const links = nodesOf(after.slice(0, next < 0 ? undefined : next), "link");
  const demands: readonly (readonly [boolean, string])[] = [
    [title?.type === "heading" && title.depth === 1, "begins with a title"],
    [
      question?.type === "emphasis" && toString(question).endsWith("?"),
      "asks its question in italics",
    ],
    [
      answer !== undefined && question !== undefined &&
      toString(answer).length > toString(question).length + 20,
      "answers its question in the same paragraph",
    ],
    [
      blocksOf(page, "ts", "sh").some(({ line }) => line < end),
      "has a block of ts or sh before the first section",
    ],
    [
      example >= 0 &&
      [...links].some(({ url }) => url.startsWith("../examples/")),
      "has a section Example with a link to examples/",
    ],
  ];
  return demands.filter(([isMet]) => !isMet).map(([, demand]) => demand);
}

test("a page of another shape is found", () => {
  const pageOf = (text: string): Page => ({
    file: "docs/x.md",
    text,
    content: fromMarkdown(text).children,
  });
  assert.equal(faultsOf(pageOf("")).length, 5);
  const wrong =
    "# X\n\nText.\n\n## First\n\n```ts\n1;\n```\n\n## Example\n\nNone.";
  assert.deepEqual(faultsOf(pageOf(wrong)), [
    "asks its question in italics",
    "answers its question in the same paragraph",
    "has a block of ts or sh before the first section",
    "has a section Example with a link to examples/",
  ]);
  const right = "# X\n\n_How?_ By a short answer that stands here.\n\n" +
    "```sh\nls\n```\n\n## First\n\n## Example\n\n[x](../examples/hono.ts)\n";
  assert.deepEqual(faultsOf(pageOf(right)), []);
});

test("the pages of docs/ have the shape of the book", () => {
  const faults = DOCS.filter(({ file }) => OTHERS[file] === undefined)
    .flatMap((page) =>
      faultsOf(page).map((demand) => `${page.file}: ${demand}`)
    );
  assert.deepEqual(faults, []);
});
