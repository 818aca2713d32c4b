/** Does the steps of docs/getting-started.md in a folder, on this runtime. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { after, test } from "node:test";
import { blocksOf, DOCS } from "./docs/pages.ts";
import { RUNTIME } from "./runtimes/server.ts";
import { ROOT } from "./support/programs.ts";
import { skippedUnless } from "./support/rounds.ts";

const page = DOCS.find(({ file }) => file === "docs/getting-started.md")!;

const { exports } = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8")) as {
  exports: Record<string, string>;
};

const folder = mkdtempSync(join(tmpdir(), "barograph-start-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes the only block of a language that contains `part`. */
function write(file: string, language: string, part: string): void {
  const blocks = blocksOf(page, language)
    .filter(({ code }) => code.includes(part));
  assert.equal(blocks.length, 1, part);
  const code = blocks[0]!.code.replace(
    /from "@barograph\/barograph([\w/-]*)"/g,
    (_, path: string) =>
      `from "${new URL(exports[`.${path}`]!, `file://${ROOT}`)}"`,
  );
  writeFileSync(join(folder, file), code);
}

write("app.ts", "ts", "export default");
write("server.ts", "typescript", "createServer");
write("app.test.ts", "typescript", 'from "node:test"');
write("prometheus.yml", "yaml", "scrape_configs");
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');

test("the test of the page passes", { timeout: 120_000 }, () => {
  const args = {
    deno: ["test", "-A", "--no-check"],
    bun: ["test"],
    node: ["--test"],
  }[RUNTIME];
  // Node marks the processes that its runner starts, which then start no runner.
  const { NODE_TEST_CONTEXT: _, ...variables } = env;
  const output = execFileSync(execPath, args, {
    cwd: folder,
    env: variables,
    encoding: "utf8",
    stdio: "pipe",
  });
  if (RUNTIME !== "bun") assert.match(output, /an order is counted/);
});

const { BAROGRAPH_PROMTOOL } = env;

test(
  "promtool accepts prometheus.yml",
  skippedUnless(
    BAROGRAPH_PROMTOOL !== undefined,
    "BAROGRAPH_PROMTOOL is not set",
  ),
  () => {
    const args = ["check", "config", "prometheus.yml"];
    execFileSync(BAROGRAPH_PROMTOOL!, args, { cwd: folder, stdio: "pipe" });
  },
);
