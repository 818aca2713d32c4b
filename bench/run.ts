/**
 * All benches on the runtime that runs this file: prints the table and writes
 * `bench/results/<runtime>.json`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";
import { measure, type Result, tableOf } from "./harness.ts";
import { busQuestions } from "./bus_bench.ts";
import { encodeQuestions } from "./encode_bench.ts";
import { httpResults } from "./http_bench.ts";
import { instrumentQuestions } from "./instrument_bench.ts";
import { memoryResults, nativeMemoryResults } from "./memory_bench.ts";
import { nativeQuestions } from "./native_bench.ts";
import { recordQuestions } from "./record_bench.ts";
import { scrapeQuestions } from "./scrape_bench.ts";
import { traceQuestions } from "./trace_bench.ts";

interface Runtimes {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
}

const { Deno, Bun } = globalThis as Runtimes;
const runtime = Bun === undefined ? "deno" : "bun";
const version = Bun?.version ?? Deno?.version.deno;

const results: Result[] = await memoryResults();
const nativeMemory = nativeMemoryResults();
for (const question of recordQuestions()) results.push(await measure(question));
for (
  const question of [
    ...nativeQuestions(),
    ...instrumentQuestions(),
    ...encodeQuestions(),
    ...traceQuestions(),
    ...busQuestions(),
  ]
) {
  results.push(await measure(question));
}
for (const question of scrapeQuestions()) results.push(await measure(question));
results.push(...await httpResults());
// Memory was measured first, and reads last.
results.push(...results.splice(0, 2), ...nativeMemory);

const cpu = cpus()[0]?.model.trim() ?? "unknown";
const machine = `${cpu}, ${cpus().length} cores, ${platform()} ${arch()}`;
console.log(`\n${runtime} ${version} on ${machine}\n\n${tableOf(results)}\n`);

const folder = fileURLToPath(new URL("./results/", import.meta.url));
mkdirSync(folder, { recursive: true });
const report = { runtime, version, machine, results };
writeFileSync(
  `${folder}${runtime}.json`,
  JSON.stringify(report, null, 2) + "\n",
);
