/**
 * Writes `src/dashboard/page_text.ts`, the live page as text.
 *
 *     deno task page
 *     deno task page --weights
 *
 * - `--weights` prints the bytes that each source adds to the script.
 * - Two changes of the page conflict in the generated module. Build and commit
 *   it right before a push; in a conflict take either side and build again.
 */
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { gzipSync } from "node:zlib";
import { build, stop } from "esbuild";
import { buildPage, PAGE_MODULE } from "./page_build.ts";

const { html, module, script, style, views, weights } = await buildPage(build);
await stop();
writeFileSync(PAGE_MODULE, module);

if (argv.includes("--weights")) {
  const byWeight = Object.entries(weights).sort(([, a], [, b]) => b - a);
  for (const [path, bytes] of byWeight) {
    console.log(`${String(bytes).padStart(7)}  ${path}`);
  }
}

function kilobytes(text: string): string {
  const gzip = gzipSync(text, { level: 9 }).length;
  return `${(Buffer.byteLength(text) / 1000).toFixed(1)} kB, ` +
    `${(gzip / 1000).toFixed(1)} kB gzip`;
}

console.log(`views  ${kilobytes(views)}`);
console.log(`script ${kilobytes(script)}`);
console.log(`style  ${kilobytes(style)}`);
console.log(`page   ${kilobytes(html)}`);
