/** Runtime metrics under the permissions of the process. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { METRICS_PREFIX, RUNTIME } from "../runtimes/server.ts";

const FILE = fileURLToPath(new URL("print_runtime.ts", import.meta.url));

/** Returns the names of the samples that a process with `flags` prints. */
function namesWith(...flags: string[]): Set<string> {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    RUNTIME === "node" ? [...flags, FILE] : ["run", ...flags, FILE],
    { encoding: "utf8", timeout: 120_000 },
  );
  assert.equal(
    signal,
    null,
    "the process must end by itself, without a prompt",
  );
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /permission|prompt/i);
  return new Set(stdout.matchAll(/^([a-z_]+)/gm).map(([, name]) => name!));
}

const ALWAYS = [
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
  "process_start_time_seconds",
  `${METRICS_PREFIX}_heap_size_used_bytes`,
  `${METRICS_PREFIX}_eventloop_delay_seconds_count`,
  `${METRICS_PREFIX}_version_info`,
];
const FILES = [
  "process_open_fds",
  "process_max_fds",
  "process_virtual_memory_bytes",
];

// Deno runs children of `node:child_process` with `-A` unless a flag names a
// permission; a flag that denies one permission grants no others.
const cases = RUNTIME === "deno"
  ? [[["--deny-env"], false], [["--allow-read"], false], [
    ["-A"],
    true,
  ]] as const
  : [[[], true]] as const;

for (const [flags, files] of cases) {
  const title = `${RUNTIME} ${flags.join(" ") || "without flags"}`;
  test(`${title} exposes ${files ? "all facts" : "the permitted facts"}`, {
    timeout: 120_000,
  }, () => {
    const names = namesWith(...flags);
    for (const name of ALWAYS) assert.ok(names.has(name), name);
    // Only Linux has procfs.
    const expected = files && process.platform === "linux";
    for (const name of FILES) assert.equal(names.has(name), expected, name);
    const gc = `${METRICS_PREFIX}_gc_duration_seconds_count`;
    if (RUNTIME !== "node") assert.ok(!names.has(gc));
  });
}
