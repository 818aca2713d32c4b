/** Reads the prose of pages of Markdown and of the comments of TypeScript. */
import { fromMarkdown } from "mdast-util-from-markdown";
import ts from "typescript";

type Root = ReturnType<typeof fromMarkdown>;
type Nodes = Root | Root["children"][number];

/**
 * A paragraph, a cell or a comment. Code in it is a run of `CODE`, so that each line
 * stands where it stood.
 */
export interface Text {
  readonly file: string;
  /** The line at which the text begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Stands for a character of code, addresses and tags. */
export const CODE = "¤";

const hidden = (code: string): string => code.replace(/[^\n]/g, CODE);

/** Returns the number of a line, from 1. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

/** Replaces what matches, and keeps the lines. */
function hide(text: string, pattern: RegExp): string {
  return text.replace(pattern, hidden);
}

const INLINE =
  /(`+)(?!`)[^]*?[^`]\1(?!`)|\b[A-Z]+_[A-Z_]+\b|\b[A-Za-z]+\.[a-z]\w+\b|\{@link[^}]*\}|https?:\/\/[^\s)>]+/g;

/** Yields the nodes below one whose text is prose. */
function* proseOf(node: Nodes): Generator<Nodes> {
  if (node.type === "paragraph" || node.type === "heading") yield node;
  else if ("children" in node) {
    for (const child of node.children) yield* proseOf(child);
  }
}

/** Yields the texts of cells of tables; of other texts, the text. */
function* cellsOf(piece: Text): Generator<Text> {
  const rows = piece.text.split("\n");
  if (!rows.every((row) => row.trim().startsWith("|"))) return yield piece;
  for (const [i, row] of rows.entries()) {
    if (/^[\s|:-]*$/.test(row)) continue;
    for (const text of row.split(/(?<!\\)\|/)) {
      if (text.trim() === "") continue;
      yield { file: piece.file, line: piece.line + i, text: text.trim() };
    }
  }
}

/** Returns the prose of a page of Markdown. */
export function textsOfPage(file: string, page: string): Text[] {
  const nodes = [...proseOf(fromMarkdown(page))];
  return nodes.flatMap(({ position }) => {
    const from = position!.start.offset!;
    const source = page.slice(from, position!.end.offset!);
    const marked = hide(source, INLINE)
      // The addresses of links, and HTML.
      .replace(/\]\([^)]*\)|\]\[[^\]]*\]/g, hidden)
      .replace(/<\/?[a-z][^>]*>/g, hidden);
    return [...cellsOf({ file, line: position!.start.line, text: marked })];
  });
}

/** Hides the literals of a program: their text can look like comments. */
function withoutLiterals(source: ts.SourceFile): string {
  const { text } = source;
  let code = "";
  const visit = (node: ts.Node) => {
    // A head, middle or tail of a template is such a token, too.
    if (
      ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isTemplateHead(node)
    ) {
      const from = node.getStart(source);
      code += text.slice(code.length, from) +
        hidden(text.slice(from, node.end));
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return code + text.slice(code.length);
}

/** Returns the ranges of all comments, in their order. */
function commentsOf(source: ts.SourceFile): ts.TextRange[] {
  return [...withoutLiterals(source).matchAll(/\/\*[^]*?\*\/|\/\/.*/g)]
    .map(({ 0: comment, index }) => ({
      pos: index,
      end: index + comment.length,
    }));
}

/** Returns the text of a comment, without its marks. */
function withoutMarks(comment: string): string {
  return comment.replace(/^\/\*\*? ?| ?\*\/$/g, "")
    .replace(/^[ \t]*(?:\/\/+|\*(?!\/)) ?/gm, "");
}

/** Hides code, directives and the names of tags in a comment. */
function withoutCode(comment: string): string {
  return [
    /^```[^]*?^```/gm,
    /^ {4,}.*$/gm, // an indented program
    INLINE,
    /^(?:deno|biome|eslint|@ts|v8|c8)-.*$/gm,
    /^\/? ?<reference.*$/gm,
    /^@(?:param|template|property) \S+/gm,
    /^@(?:throws|returns|example|see|default|module) ?(?:\{[^}]*\})?/gm,
    /@[a-z-]+/g,
  ].reduce(hide, comment);
}

/** Returns whether `range` continues the comment of the line before. */
function continues(text: string, before: ts.TextRange, range: ts.TextRange) {
  return text.startsWith("//", before.pos) &&
    text.startsWith("//", range.pos) &&
    /^\n[ \t]*$/.test(text.slice(before.end, range.pos)) &&
    // The end of a line of code begins a comment of its line only.
    /(?:^|\n)[ \t]*$/.test(text.slice(0, before.pos));
}

/** Returns the sentences in the strings of a program, such as errors and helps. */
function sentencesOf(source: ts.SourceFile): { pos: number; text: string }[] {
  const found: { pos: number; text: string }[] = [];
  const visit = (node: ts.Node) => {
    if (
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    ) {
      const pos = node.getStart(source);
      const text = node.text;
      if (/(?:[a-z]+,? ){3}/.test(text) && !/[<>{}=]/.test(text)) {
        found.push({ pos, text });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Returns the comments of a file of TypeScript. */
export function textsOfSource(file: string, code: string): Text[] {
  const source = ts.createSourceFile(
    file,
    code,
    ts.ScriptTarget.Latest,
    false,
    file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const joined: { pos: number; end: number }[] = [];
  for (const { pos, end } of commentsOf(source)) {
    const last = joined.at(-1);
    if (last !== undefined && continues(code, last, { pos, end })) {
      last.end = end;
    } else joined.push({ pos, end });
  }
  const comments = joined.map(({ pos, end }) => ({
    file,
    line: lineAt(code, pos),
    text: withoutCode(withoutMarks(code.slice(pos, end))),
  }));
  const sentences = sentencesOf(source).map(({ pos, text }) => ({
    file,
    line: lineAt(code, pos),
    text: hide(text, INLINE),
  }));
  return [...comments, ...sentences];
}

/** Returns the prose of a file. */
export function textsOf(file: string, content: string): Text[] {
  return file.endsWith(".md")
    ? textsOfPage(file, content)
    : textsOfSource(file, content);
}
