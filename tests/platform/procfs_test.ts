import assert from "node:assert/strict";
import { test } from "node:test";
import {
  heapMemoryIn,
  maxFilesIn,
  maxMemoryIn,
  virtualMemoryIn,
} from "../../src/platform/procfs.ts";

const STATUS = "Name:\tVmSize:\nVmPeak:\t  900000 kB\nVmSize:\t  123456 kB\n" +
  "VmRSS:\t   50000 kB\nVmData:\t   77000 kB\nThreads:\t1\n";

const LIMITS =
  `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max open files            1024                 4096                 files
Max address space         unlimited            unlimited            bytes
`;

test("virtualMemoryIn() and heapMemoryIn() return bytes", () => {
  assert.equal(virtualMemoryIn(STATUS), 123456 * 1024);
  assert.equal(heapMemoryIn(STATUS), 77000 * 1024);
});

test("maxFilesIn() and maxMemoryIn() read limits; unlimited is undefined", () => {
  assert.equal(maxFilesIn(LIMITS), 1024);
  assert.equal(maxMemoryIn(LIMITS), undefined);
  assert.equal(maxMemoryIn(LIMITS.replace(/space +unlimited/, "space 77")), 77);
});

test("facts are undefined in other text", () => {
  for (const text of ["", "x", "VmSize:\t many kB", "\n\n", "Max open files"]) {
    assert.equal(virtualMemoryIn(text), undefined);
    assert.equal(heapMemoryIn(text), undefined);
    assert.equal(maxFilesIn(text), undefined);
  }
});
