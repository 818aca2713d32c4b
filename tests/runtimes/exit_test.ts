import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

// The handler in that file would be waited for 10 minutes by its own deadline.
test("a scrape that is done leaves no timer that keeps the process alive", () => {
  const file = fileURLToPath(new URL("scrape_once.ts", import.meta.url));
  const { status, stdout, signal } = spawnSync(
    process.execPath,
    ["run", file],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(signal, null, "it did not end by itself");
  assert.equal(status, 0);
  assert.match(stdout, /^slow 1$/m);
});
