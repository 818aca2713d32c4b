/** CONTRIBUTING.md lists the tasks of the manifest. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

function read(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
}

test("CONTRIBUTING.md has a row for each task of deno.json", () => {
  const { tasks } = JSON.parse(read("deno.json")) as { tasks: object };
  const [, table] = /^## Tasks$([^]*?)^## /m.exec(read("CONTRIBUTING.md"))!;
  const rows = [...table!.matchAll(/^\| `deno task ([\w:]+)` +\|/gm)]
    .map(([, name]) => name!);
  assert.deepEqual(rows.sort(), Object.keys(tasks).sort());
});

test("all manifests have the version that programs report", () => {
  const { version } = JSON.parse(read("deno.json")) as { version: string };
  assert.match(read("package.json"), new RegExp(`"version": "${version}"`));
  assert.ok(read("src/base/version.ts").includes(`"${version}"`));
  assert.match(read("CHANGELOG.md"), new RegExp(`^## ${version}\\b`, "m"));
});
