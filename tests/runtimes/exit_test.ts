import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { RUNTIME } from "./server.ts";

/** What a program of this folder printed, which must end by itself. */
function outputOf(name: string): string {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const { status, stdout, stderr, signal } = spawnSync(
    process.execPath,
    ["run", ...(RUNTIME === "deno" ? ["-A"] : []), file],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(signal, null, "it did not end by itself");
  assert.equal(status, 0, stderr);
  return stdout;
}

// The handler in that file would be waited for 10 minutes by its own deadline.
test("a scrape that is done leaves no timer that keeps the process alive", {
  timeout: 60_000,
}, () => {
  assert.match(outputOf("scrape_once.ts"), /^slow 1$/m);
});

test("nothing outlives telemetry: feeds, sockets, exports, subscriptions", {
  timeout: 60_000,
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

test("a telemetry server under load stops in the middle, and leaves nothing", {
  timeout: 60_000,
}, () => {
  assert.deepEqual(JSON.parse(outputOf("../server/stress_once.ts")), {
    unhandled: 0,
    subscribers: 0,
    isFree: true,
    inTime: true,
  });
});
