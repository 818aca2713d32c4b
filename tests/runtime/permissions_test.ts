/** What a process tells of itself, by what it is permitted. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { RUNTIME } from "../runtimes/server.ts";

const FILE = fileURLToPath(new URL("tell_runtime.ts", import.meta.url));

/** The names of what is told. */
function toldWith(...flags: string[]): Set<string> {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ["run", ...flags, FILE],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(signal, null, "it did not end by itself, or asked");
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /permission|prompt/i);
  return new Set(stdout.matchAll(/^([a-z_]+)/gm).map(([, name]) => name!));
}

const ALWAYS = [
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
  "process_start_time_seconds",
  `${RUNTIME}_heap_size_used_bytes`,
  `${RUNTIME}_eventloop_delay_seconds_count`,
  `${RUNTIME}_version_info`,
];
const FILES = [
  "process_open_fds",
  "process_max_fds",
  "process_virtual_memory_bytes",
];

// Started by `node:child_process`, Deno gets `-A` unless a permission is named:
// what denies one grants none.
const cases = RUNTIME === "deno"
  ? [[["--deny-env"], false], [["--allow-read"], false], [
    ["-A"],
    true,
  ]] as const
  : [[[], true]] as const;

for (const [flags, files] of cases) {
  const title = `${RUNTIME} ${flags.join(" ") || "without flags"}`;
  test(`${title} tells ${files ? "all" : "what it may"}`, {
    timeout: 60_000,
  }, () => {
    const told = toldWith(...flags);
    for (const name of ALWAYS) assert.ok(told.has(name), name);
    // Linux alone has them.
    const expected = files && process.platform === "linux";
    for (const name of FILES) assert.equal(told.has(name), expected, name);
    assert.ok(!told.has(`${RUNTIME}_gc_duration_seconds_count`));
  });
}
