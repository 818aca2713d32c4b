/** Deno's built-in tracing: its server spans are continued, not duplicated. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { RUNTIME } from "../runtimes/server.ts";
import { runArgs } from "../support/programs.ts";

const APP = fileURLToPath(new URL("app.ts", import.meta.url));

function run(env: Record<string, string>): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, runArgs(APP), {
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 120_000,
  });
  const line = stdout.split("\n").find((line) => line.startsWith('{"kinds"'));
  assert.ok(line !== undefined, stderr);
  return JSON.parse(line);
}

test("instrumentHandler() creates a server span for a request", {
  timeout: 120_000,
}, () => {
  assert.deepEqual(run({}), {
    kinds: ["internal within", "server alone"],
    followed: true,
  });
});

// No other runtime has built-in tracing.
if (RUNTIME === "deno") {
  test("instrumentHandler() adds no server span to the one of Deno", () => {
    const on = { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console" };
    assert.deepEqual(run(on), { kinds: ["internal within"], followed: true });
  });
}
