/** Joining and leaving again and again leaves nothing behind. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { joinFleet } from "../../../src/fleet/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { ended, start } from "../../support/programs.ts";
import { skippedUnless } from "../../support/rounds.ts";
import { valueIn } from "./host.ts";

const timeout = 120_000;

/** Returns the total of a fleet as a member sees it that joins now. */
async function totalIn(dir: string): Promise<number | undefined> {
  const registry = createRegistry();
  using _fleet = await joinFleet(registry, { service: "jobs", dir });
  const request = new Request("http://localhost/metrics");
  const response = await metricsHandler(registry)(request);
  return valueIn(await response.text(), "jobs_total");
}

for (const [processes, times] of [[1, 100], [8, 12]] as const) {
  const title =
    `a fleet of ${processes}: joining ${times} times leaves no file ` +
    "and no socket behind, and loses no count";
  test(title, {
    timeout,
    ...skippedUnless(
      existsSync("/proc/self/fd"),
      "only Linux lists open files",
    ),
  }, async () => {
    const dir = mkdtempSync(join(tmpdir(), "b-"));
    try {
      const outcomes = await Promise.all(
        Array.from({ length: processes }, () =>
          ended(start(
            "tests/fleet/member/programs/joins_often.ts",
            [String(times)],
            { variables: { FLEET_DIR: dir }, permissions: ["-A"] },
          ))),
      );
      for (const { code, stdout, stderr } of outcomes) {
        assert.equal(code, 0, stderr);
        assert.equal(stderr, "");
        assert.equal(stdout, "left 0 files open\n");
      }
      assert.equal(await totalIn(dir), processes * times);
      const [name, ...others] = readdirSync(dir);
      assert.deepEqual(others, []);
      // A file and a claim of each slot, and the claim of the gate.
      const files = readdirSync(join(dir, name!));
      const legal = /^s[0-7](\.lock|\.\d+)?$|^s1000\.(lock|\d+)$/;
      assert.deepEqual(files.filter((file) => !legal.test(file)), []);
      assert.ok(files.length <= 2 * processes + 1, `${files}`);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
}
