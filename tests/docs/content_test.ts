/** Data in the pages parses; tasks, paths and links in them exist. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";
import GithubSlugger from "github-slugger";
import { toString } from "mdast-util-to-string";
import { parseAllDocuments } from "yaml";
import { ROOT } from "../support/programs.ts";
import {
  type Block,
  blocksOf,
  DOCS,
  lineOf,
  nodesOf,
  type Page,
  PAGES,
} from "./pages.ts";

/** Returns where a query of PromQL has a syntax error. */
function errorIn(query: string): number | undefined {
  let error: number | undefined;
  parser.parse(query).iterate({
    enter: ({ type, from }) => {
      if (type.isError) error ??= from;
    },
  });
  return error;
}

/**
 * Parses queries. A query begins after an empty line or a comment, or at a line that
 * is not indented.
 */
function parseQueries(code: string): void {
  const parts = code.split(/\n[ \t]*\n|^#.*$/m)
    .filter((part) => part.trim() !== "");
  const queries = parts.flatMap((part) =>
    errorIn(part) === undefined ? [part] : part.trim().split(/\n(?=[\w("{])/)
  );
  for (const query of queries) {
    const error = errorIn(query);
    if (error === undefined) continue;
    throw new SyntaxError(`error at ${error} of ${query}`);
  }
}

function parseYaml(code: string): void {
  for (const document of parseAllDocuments(code)) {
    const [error] = document.errors;
    if (error !== undefined) throw error;
  }
}

const PARSERS: Readonly<Record<string, (code: string) => unknown>> = {
  json: (code) => JSON.parse(code),
  yaml: parseYaml,
  yml: parseYaml,
  promql: parseQueries,
};

/** Returns where the code of a block does not parse; undefined if it does. */
function syntaxError({ language, code }: Block): string | undefined {
  try {
    PARSERS[language]!(code);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

test("syntax errors of JSON, YAML and PromQL are found", () => {
  const wrong = { json: "{", yaml: "a: [", yml: "a: [", promql: "sum(" };
  for (const [language, code] of Object.entries(wrong)) {
    const error = syntaxError({ line: 1, language, code });
    assert.notEqual(error, undefined, language);
  }
  const right = "# up\nsum(up)\n\nrate(\n  a[5m]\n)\n# both\na\n  / b\nup";
  const block = { line: 1, language: "promql", code: right };
  assert.equal(syntaxError(block), undefined);
});

test("the blocks of JSON, YAML and PromQL parse", () => {
  const errors = PAGES.flatMap((page) =>
    blocksOf(page, ...Object.keys(PARSERS)).flatMap((block) => {
      const error = syntaxError(block);
      return error === undefined ? [] : `${page.file}:${block.line} ${error}`;
    })
  );
  assert.deepEqual(errors, []);
});

/** Returns the tasks and scripts of a manifest. */
function namesIn(manifest: string, field: "tasks" | "scripts"): string[] {
  const text = readFileSync(ROOT + manifest, "utf8");
  return Object.keys(JSON.parse(text)[field] as object);
}

test("the tasks that the pages name exist", () => {
  const tasks = namesIn("deno.json", "tasks");
  const wrong = PAGES.flatMap(({ file, text }) =>
    [...text.matchAll(/\bdeno task ([a-z][\w:-]*)/g)]
      .filter(([, name]) => !tasks.includes(name!))
      .map(([command]) => `${file}: ${command}`)
  );
  assert.deepEqual(wrong, []);
});

/** The folders of the repository that pages may name. */
const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => !["dist", "node_modules", ".git"].includes(name));

/** Paths of this repository, up to the first `*` or placeholder. */
const PATH = new RegExp(
  `(?<![\\w./@:-])(?:${
    FOLDERS.map((name) => name.replaceAll(".", "\\.")).join("|")
  })/[\\w./-]*[\\w/]`,
  "g",
);

/** Returns the paths of this repository in code spans and commands of a page. */
function pathsIn(page: Page): string[] {
  const spans = [...nodesOf(page.content, "inlineCode")];
  const texts = [
    ...spans.map(({ value }) => value),
    ...blocksOf(page, "sh", "bash").map(({ code }) => code),
  ];
  return texts.flatMap((text) =>
    [...text.matchAll(PATH)]
      // Of `tests/*_test.ts` and `docs/<page>.md`, the folder.
      .map(({ 0: path, index }) =>
        /^[\w.-]*[*<{]/.test(text.slice(index + path.length))
          ? `${dirname(`${path}x`)}/`
          : path
      )
  );
}

test("the paths that the pages name exist", () => {
  const wrong = PAGES.flatMap((page) =>
    pathsIn(page)
      .filter((path) => !existsSync(ROOT + path))
      .map((path) => `${page.file}: ${path}`)
  );
  assert.deepEqual(wrong, []);
});

/** Returns the anchors of a page, as GitHub names them. */
function anchorsOf({ content }: Page): Set<string> {
  const slugger = new GithubSlugger();
  const headings = [...nodesOf(content, "heading")]
    .map((heading) => slugger.slug(toString(heading)));
  const own = [...nodesOf(content, "html")].flatMap(({ value }) =>
    [...value.matchAll(/\b(?:id|name)="([^"]+)"/g)].map(([, id]) => id!)
  );
  return new Set([...headings, ...own]);
}

const anchors = new Map(PAGES.map((page) => [page.file, anchorsOf(page)]));

/** Returns why a link leads nowhere; undefined if it has a target. */
function fault(from: string, url: string): string | undefined {
  if (/^[a-z]+:/.test(url)) return URL.canParse(url) ? undefined : "no address";
  const [path, anchor] = url.split("#") as [string, string?];
  const target = path === "" ? from : normalize(join(dirname(from), path));
  if (target.startsWith("..")) return "outside of the repository";
  if (!existsSync(ROOT + target)) return "no such file";
  if (anchor === undefined) return undefined;
  return anchors.get(target)?.has(anchor) ? undefined : "no such anchor";
}

/** Returns the addresses of the links and pictures of a page. */
function linksOf({ content }: Page): { url: string; line: number }[] {
  const nodes = [
    ...nodesOf(content, "link"),
    ...nodesOf(content, "image"),
    ...nodesOf(content, "definition"),
  ];
  const inHtml = [...nodesOf(content, "html")].flatMap((node) =>
    [...node.value.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)]
      .map(([, url]) => ({ url: url!, line: lineOf(node) }))
  );
  return [
    ...nodes.map((node) => ({ url: node.url, line: lineOf(node) })),
    ...inHtml,
  ];
}

test("links that lead nowhere are found", () => {
  const from = "docs/server.md";
  assert.equal(fault(from, "none.md"), "no such file");
  assert.equal(fault(from, "server.md#none"), "no such anchor");
  assert.equal(fault(from, "#none"), "no such anchor");
  assert.equal(
    fault(from, "../../other/README.md"),
    "outside of the repository",
  );
  assert.equal(fault(from, "https://"), "no address");
  assert.equal(fault(from, "../README.md"), undefined);
  assert.equal(fault(from, "https://example.com/#any"), undefined);
});

test("the links of the pages have targets", () => {
  const wrong = PAGES.flatMap((page) =>
    linksOf(page).flatMap(({ url, line }) => {
      const why = fault(page.file, url);
      return why === undefined ? [] : `${page.file}:${line} ${url}: ${why}`;
    })
  );
  assert.deepEqual(wrong, []);
});

test("no reference in brackets lacks its definition", () => {
  const wrong = PAGES.flatMap((page) =>
    [...nodesOf(page.content, "text")]
      .filter(({ value }) => /\]\[|\]\(/.test(value))
      .map((node) => `${page.file}:${lineOf(node)} ${node.value}`)
  );
  assert.deepEqual(wrong, []);
});

test("the index of docs/ links every page", () => {
  const index = PAGES.find(({ file }) => file === "docs/README.md")!;
  const linked = linksOf(index).map(({ url }) => url.split("#")[0]);
  const missing = DOCS.map(({ file }) => file.slice("docs/".length))
    .filter((name) => name !== "README.md" && !linked.includes(name));
  assert.deepEqual(missing, []);
});

/** Returns the files of a folder that TypeScript reads. */
function sourcesIn(folder: string): string[] {
  return readdirSync(ROOT + folder, { withFileTypes: true }).flatMap(
    (entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        return entry.name === "node_modules" ? [] : sourcesIn(path);
      }
      return path.endsWith(".ts") ? [path] : [];
    },
  );
}

test("the pages that sources name exist", () => {
  const folders = ["src", "demo", "examples", "bench", "tools", "page"];
  const wrong = ["mod.ts", ...folders.flatMap(sourcesIn)].flatMap((file) =>
    [
      ...readFileSync(ROOT + file, "utf8")
        .matchAll(/(?<![\w/])docs\/([\w-]+\.md)(#[\w-]+)?/g),
    ]
      .filter(([, page, anchor]) => {
        const found = anchors.get(`docs/${page}`);
        return found === undefined ||
          (anchor !== undefined && !found.has(anchor.slice(1)));
      })
      .map(([link]) => `${file}: ${link}`)
  );
  assert.deepEqual(wrong, []);
});
