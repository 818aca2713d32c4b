/** Tests that docs/errors.md has every message that `src` can produce. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Message, messagesOf, textsOf } from "../support/messages.ts";

const ROOT = new URL("../../", import.meta.url);

/**
 * Files whose texts are no messages of this page: help texts of commands, texts
 * of the live page and of generated dashboards, and the rules of readers and
 * linters, which docs/testing.md lists.
 */
const OTHER = [
  /^src\/dashboard\/(?:page_text|findings|traces|history\/frame_store)/,
  /^src\/cli\/top\//,
  /^src\/generate\/(?!families|objectives|rules|dashboard\.)/,
  /^src\/recorders\/presets\//,
  /^src\/testing\/(?:parse_|kind_worlds|kind_law_checks|format_)/,
];

/** Texts that are found, but are no messages. */
const NONE = [
  /^Barograph: a metrics server/,
  /--export NAME|--out FOLDER|--interval SECONDS|--allow FAMILY/,
  /^Barograph …: looks at metrics/,
  /^Events that |^Memory in use /, // help texts of metrics
  /^OK$|^(?:barograph|…): …(?:; …)?$/,
  /^(?:push metrics|export …)$/, // follow "cannot"
];

const sources = readdirSync(new URL("src", ROOT), { recursive: true })
  .map((path) => `src/${String(path).replaceAll("\\", "/")}`)
  .filter((file) => file.endsWith(".ts"))
  .sort();

const messages = sources
  .filter((file) => !OTHER.some((other) => other.test(file)))
  .flatMap((file) => messagesOf(ROOT, file))
  .filter(({ template }) => !NONE.some((none) => none.test(template)));

const PAGE = readFileSync(new URL("docs/errors.md", ROOT), "utf8");

/** The messages of the rows of the page. */
const rows = PAGE.replace(/^\| start of [^]*?\n\n/m, "")
  .split("\n")
  .flatMap((line) => {
    const cell = /^\| (.*?) +\|/.exec(line)?.[1] ?? "";
    const code = /``(.*)``/.exec(cell) ?? /`(.*)`/.exec(cell);
    return code === null ? [] : [code[1]!.trim()];
  });

/** Returns a pattern in which `…` stands for any text. */
function patternOf(row: string): RegExp {
  const parts = row.split("…").map((part) =>
    part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  );
  return new RegExp(parts.join(".*"));
}

function letters(text: string): number {
  return text.replace(/[^a-z]/gi, "").length;
}

/** Rows for messages whose parts other functions choose. */
const OPEN = new Set([
  "it is not protobuf: …",
  "Cannot read line … (…): expected …",
  'The kind "…" breaks the law "…": …',
  'The law "…" does not hold for …, escaping …: …',
]);

/** The share of a message that the words of its row must have. */
const LEAST_SHARE = 0.5;

const matchers = rows.map((row) => ({
  row,
  pattern: patternOf(row),
  most: OPEN.has(row) ? Infinity : letters(row) / LEAST_SHARE,
}));

/** Returns whether a row stands for a message, and says most of it. */
function matches(
  { pattern, most }: typeof matchers[number],
  template: string,
): boolean {
  return letters(template) <= most && pattern.test(template);
}

function place({ file, line, template }: Message): string {
  return `${file}:${line}: ${template}`;
}

test("docs/errors.md has a row for every message", () => {
  const missing = messages.filter(({ template }) =>
    !matchers.some((matcher) => matches(matcher, template))
  );
  assert.deepEqual(missing.map(place), []);
});

test("every row of docs/errors.md stands for a message", () => {
  const unmatched = (texts: readonly string[], among: typeof matchers) =>
    among.filter((matcher) => !texts.some((text) => matches(matcher, text)));
  const rest = unmatched(messages.map(({ template }) => template), matchers);
  const texts = new Set(sources.flatMap((file) => textsOf(ROOT, file)));
  const left = unmatched([...texts], rest);
  assert.deepEqual(left.map(({ row }) => row), []);
});

test("no message has two rows", () => {
  assert.deepEqual(rows.filter((row, at) => rows.indexOf(row) !== at), []);
});

test("docs/errors.md has the start of every message about options", () => {
  const starts = sources.flatMap((file) => textsOf(ROOT, file))
    .filter((text) => /^Cannot [a-z][^:…]*$/.test(text));
  assert.ok(starts.length > 0);
  assert.deepEqual(starts.filter((start) => !PAGE.includes(start)), []);
});
