import assert from "node:assert/strict";
import { test } from "node:test";
import {
  maxFilesIn,
  maxMemoryIn,
  virtualMemoryIn,
} from "../../src/platform/procfs.ts";

const STAT =
  "42 (a) odd (name) S 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 999 " +
  "123456789 500 18446744073709551615 0 0 0";

const LIMITS =
  `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 4096                 files
Max address space         unlimited            unlimited            bytes
`;

test("virtualMemoryIn() skips a name with spaces and parentheses", () => {
  assert.equal(virtualMemoryIn(STAT), 123456789);
});

test("maxFilesIn() and maxMemoryIn() read limits; unlimited is undefined", () => {
  assert.equal(maxFilesIn(LIMITS), 1024);
  assert.equal(maxMemoryIn(LIMITS), undefined);
  assert.equal(maxMemoryIn(LIMITS.replace(/space +unlimited/, "space 77")), 77);
});

test("virtualMemoryIn() and maxFilesIn() return undefined for other text", () => {
  for (const text of ["", "x", "1 (a) S", "\n\n", "Max open files"]) {
    assert.equal(virtualMemoryIn(text), undefined);
    assert.equal(maxFilesIn(text), undefined);
  }
});
