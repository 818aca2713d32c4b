// refreshParts() never rejects, and a failing part does not affect the others. A
// listener that threw when a failure was reported did affect them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "../../src/model/mod.ts";
import { refreshParts } from "../../src/model/internal.ts";
import { descOf, wholeOf } from "../model/fixtures.ts";

test("refreshParts() waits for all parts even if its listener throws", async () => {
  const partOf = (refresh: () => Promise<void>): Source => ({
    descs: [descOf("gauge", "x")],
    refresh,
    collect(): void {},
  });
  let finished = false;
  const broken = partOf(() => Promise.reject(new Error("no answer")));
  const slow = partOf(async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    finished = true;
  });
  const failed = await refreshParts(
    wholeOf(broken, slow),
    new AbortController().signal,
    {
      failed() {
        throw new Error("the log is full");
      },
    },
  );
  assert.deepEqual(failed, new Set([broken]));
  assert.equal(finished, true);
});
