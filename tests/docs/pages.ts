/** The pages of the book, and what stands in them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fromMarkdown } from "mdast-util-from-markdown";
import { ROOT } from "../support/programs.ts";

type Root = ReturnType<typeof fromMarkdown>;
type RootContent = Root["children"][number];
type Nodes = Root | RootContent;

/** A page: a file of Markdown, with its path in the repository. */
export interface Page {
  readonly file: string;
  readonly text: string;
  readonly content: readonly RootContent[];
}

/** A code block. */
export interface Block {
  /** Line of the opening fence. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

function pageOf(file: string): Page {
  const text = readFileSync(ROOT + file, "utf8");
  return { file, text, content: fromMarkdown(text).children };
}

/** The pages in `docs/`. */
export const DOCS: readonly Page[] = readdirSync(`${ROOT}docs`)
  .filter((name) => name.endsWith(".md"))
  .sort()
  .map((name) => pageOf(`docs/${name}`));

/** All pages of the book. */
export const PAGES: readonly Page[] = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
    .filter((file) => existsSync(ROOT + file))
    .map(pageOf),
  ...DOCS,
];

/** Returns the line at which a node begins. */
export function lineOf({ position }: Nodes): number {
  return position?.start.line ?? 0;
}

/** Yields all nodes of one type, from the start of a page to its end. */
export function* nodesOf<Type extends Nodes["type"]>(
  content: readonly Nodes[],
  type: Type,
): Generator<Extract<Nodes, { type: Type }>> {
  for (const node of content) {
    if (node.type === type) yield node as Extract<Nodes, { type: Type }>;
    if ("children" in node) yield* nodesOf<Type>(node.children, type);
  }
}

/** Returns the code blocks of a page in some languages. */
export function blocksOf(
  { content }: Page,
  ...languages: readonly string[]
): Block[] {
  return [...nodesOf(content, "code")]
    .filter(({ lang }) => languages.includes(lang ?? ""))
    .map((node) => ({
      line: lineOf(node),
      language: node.lang ?? "",
      code: node.value,
    }));
}
