/**
 * Runs all benches on the current runtime, prints the table and writes
 * `bench/results/<runtime>.json`.
 */
import { measure, type Result, tableOf } from "./harness.ts";
import { busQuestions } from "./bus_bench.ts";
import { encodeQuestions } from "./encode_bench.ts";
import { gzipQuestions } from "./gzip_bench.ts";
import { httpResults } from "./http_bench.ts";
import { instrumentQuestions } from "./instrument_bench.ts";
import { memoryResults, nativeMemoryResults } from "./memory_bench.ts";
import { nativeQuestions } from "./native_bench.ts";
import { otelQuestions } from "./otel_bench.ts";
import { pushQuestions } from "./push_bench.ts";
import { recordQuestions } from "./record_bench.ts";
import { save, setting } from "./save.ts";
import { millionResults, scrapeQuestions } from "./scrape_bench.ts";
import { traceQuestions } from "./trace_bench.ts";

const results: Result[] = await memoryResults();
for (const question of recordQuestions()) results.push(await measure(question));
for (
  const question of [
    ...nativeQuestions(),
    ...otelQuestions(),
    ...instrumentQuestions(),
    ...encodeQuestions(),
    ...traceQuestions(),
    ...busQuestions(),
    ...pushQuestions(),
  ]
) {
  results.push(await measure(question));
}
for (const question of scrapeQuestions()) results.push(await measure(question));
for (const question of gzipQuestions()) results.push(await measure(question));
results.push(...await millionResults());
results.push(...await httpResults());
// Memory is measured first, but comes last in the table.
results.push(...results.splice(0, 2), ...nativeMemoryResults());

const { runtime, version, machine } = setting;
console.log(`\n${runtime} ${version} on ${machine}\n\n${tableOf(results)}\n`);
save("", { results });
