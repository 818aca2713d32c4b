/**
 * Runs every code block of the book, on this runtime.
 *
 * `deno test --doc` type-checks and runs the blocks that stand alone (those
 * without `ignore`). These tests run all blocks of the language `ts`, as whole
 * programs with imports as a user writes them. Each page runs in a process by
 * itself; see `docs/run_page.ts` for the demands on each block.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { after, test } from "node:test";
import { blocksOf, PAGES } from "./docs/pages.ts";
import type { BlockResult, PageToRun } from "./docs/run_page.ts";
import { ended, type Outcome, ROOT, runArgs } from "./support/programs.ts";

/** How a page has ended. */
interface PageOutcome extends Outcome {
  /** Undefined if the process ended before its last block. */
  readonly results: readonly BlockResult[] | undefined;
}

const pages: readonly PageToRun[] = PAGES
  .map((page) => ({ file: page.file, blocks: blocksOf(page, "ts") }))
  .filter(({ blocks }) => blocks.length > 0);

const folders: string[] = [];

/** Runs the blocks of a page. */
async function run(page: PageToRun): Promise<PageOutcome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "barograph-docs-")));
  folders.push(folder);
  writeFileSync(join(folder, "page.json"), JSON.stringify(page));
  const program = `${ROOT}tests/docs/run_page.ts`;
  const outcome = await ended(
    spawn(execPath, [...runArgs(program), folder], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const path = join(folder, "results.json");
  return {
    ...outcome,
    results: existsSync(path)
      ? JSON.parse(readFileSync(path, "utf8")) as BlockResult[]
      : undefined,
  };
}

const started = new Map<PageToRun, Promise<PageOutcome>>();

/** Runs a page, and the next one beside it: most of their time is the start. */
function outcomeOf(index: number): Promise<PageOutcome> {
  for (const page of pages.slice(index, index + 2)) {
    if (!started.has(page)) started.set(page, run(page));
  }
  return started.get(pages[index]!)!;
}

test("the book has code blocks", () => assert.ok(pages.length > 8));

for (const [index, { file }] of pages.entries()) {
  test(`the code blocks of ${file} run`, { timeout: 120_000 }, async () => {
    const { results, code, stderr } = await outcomeOf(index);
    assert.ok(results !== undefined, `exit code ${code}: ${stderr}`);
    const failed = results.filter(({ error }) => error !== undefined);
    const report = failed.map(({ line, error }) => `${file}:${line} ${error}`);
    assert.equal(failed.length, 0, [...report, stderr].join("\n"));
  });
}

after(async () => {
  await Promise.allSettled(started.values());
  for (const folder of folders) rmSync(folder, { recursive: true });
});
