import assert from "node:assert/strict";
import { test } from "node:test";
import { ended, start } from "../support/programs.ts";

test(
  "a page needs no permission, prints its address, and lets the process end",
  {
    timeout: 120_000,
  },
  async () => {
    const file = "tests/dashboard/page_once.ts";
    const program = start(file, [], { permissions: ["--no-prompt"] });
    const { code, stdout, stderr } = await ended(program);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "true 401\na frame has come\n");
    assert.match(stderr, /^The live page is at \/_live#k=[\w-]{32}$/m);
  },
);
