/** Programs whose global objects are frozen, or polluted by other code. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runArgs } from "../support/programs.ts";

const FILE = fileURLToPath(new URL("hardened.ts", import.meta.url));

/** Returns the output of the program; Deno itself fails at a frozen end. */
function outputOf(mode: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...runArgs(FILE), mode],
    { encoding: "utf8", timeout: 120_000 },
  );
  assert.match(stdout, /^done$/m, stderr);
  return stdout;
}

for (const mode of ["frozen", "polluted"]) {
  test(`metrics and spans are recorded if global objects are ${mode}`, {
    timeout: 120_000,
  }, () => {
    const output = outputOf(mode);
    assert.doesNotMatch(output, /evil|"666|"0\.666/);
    assert.match(output, /^a_total\{method="GET",constructor="x"\} 1$/m);
    assert.match(output, /^a_total 2$/m);
    assert.match(output, /# \{span_id="abc",valueOf="x"\} 2/);
    assert.match(output, /^b_bucket\{le="10.0"\} 1$/m);
    assert.match(output, /^semstreams_nats_reconnects_total 1$/m);
    assert.match(output, /^http_request_duration_seconds_count\{.*\} 1$/m);
    assert.match(output, /reason="label_name"\} 1$/m);
    assert.doesNotMatch(output, /^barograph_source_failures_total\{/m);
  });
}
