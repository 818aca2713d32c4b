import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runArgs } from "../support/programs.ts";

/** Runs a program, which must end by itself, and returns its output. */
function outputOf(name: string): string {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { status, stdout, stderr, signal } = spawnSync(
    process.execPath,
    runArgs(file),
    { encoding: "utf8", timeout: 120_000 },
  );
  assert.equal(signal, null, "the program must end by itself");
  assert.equal(status, 0, stderr);
  return stdout;
}

// The handler in scrape_once.ts has a deadline of 10 minutes.
test("metricsHandler() leaves no timer after a scrape", {
  timeout: 120_000,
}, () => {
  assert.match(outputOf("scrape_once.ts"), /^slow 1$/m);
});

test("Telemetry.close() ends feeds, sockets, exports and subscriptions", {
  timeout: 120_000,
}, () => {
  assert.deepEqual(outputOf("telemetry_once.ts").trim().split("\n"), [
    "inner",
    "true",
    "feed ended",
    "inner",
    "true",
    "feed ended",
    "exports 1",
  ]);
});

test(
  "TelemetryServer.stop() under load leaves no subscriber, rejection or port behind",
  {
    timeout: 120_000,
  },
  () => {
    assert.deepEqual(JSON.parse(outputOf("../server/stress_once.ts")), {
      unhandled: 0,
      subscribers: 0,
      isFree: true,
      inTime: true,
    });
  },
);
