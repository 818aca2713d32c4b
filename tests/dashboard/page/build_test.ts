import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { build, stop } from "esbuild";
import { buildPage, PAGE_MODULE } from "../../../tools/page_build.ts";

/** Bytes of the compressed page at most: it is all that the first picture needs. */
const CEILING = 50_000;

/** Bytes of the compressed second script at most. */
const VIEWS_CEILING = 45_000;

const page = await buildPage(build);
const again = await buildPage(build);
await stop();

test("page_text.ts is the page as it is built from page/", () => {
  assert.ok(
    readFileSync(PAGE_MODULE, "utf8") === page.module,
    'src/dashboard/page_text.ts is old: run "deno task page"',
  );
});

test("two builds of the page are equal", () => {
  assert.ok(page.module === again.module);
});

test("the compressed page and its second script are below their ceilings", () => {
  const sizeOf = (text: string) =>
    gzipSync(Buffer.from(text), { level: 9 }).length;
  assert.ok(sizeOf(page.html) < CEILING, `page: ${sizeOf(page.html)}`);
  assert.ok(sizeOf(page.views) < VIEWS_CEILING, `${sizeOf(page.views)}`);
});

test("the hashes are those of the elements of the page", () => {
  const hashOf = (text: string) =>
    createHash("sha256").update(text).digest("base64");
  for (const tag of ["script", "style"]) {
    const parts = page.html.split(new RegExp(`</?${tag}>`));
    assert.equal(parts.length, 3, tag);
    assert.ok(page.module.includes(`"sha256-${hashOf(parts[1]!)}"`), tag);
  }
  assert.ok(page.module.includes(`"sha256-${hashOf(page.views)}"`));
});

test("the page names no other host", () => {
  for (
    const [address] of (page.html + page.views).matchAll(
      /\b(?:https?:)?\/\/\w[^"'`\s)]*/g,
    )
  ) {
    assert.equal(address, "http://www.w3.org/2000/svg");
  }
});
