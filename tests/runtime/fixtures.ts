/** A fake process, for tests of runtime metrics. */
import type { ProcessInfo } from "../../src/platform/mod.ts";

/** Returns facts that are all unknown, except for `known`. */
export function fakeProcess(known: Partial<ProcessInfo> = {}): ProcessInfo {
  const absent = () => undefined;
  return {
    runtime: "js",
    version: absent,
    startTime: absent,
    cpuSeconds: absent,
    memory: absent,
    virtualMemory: absent,
    maxVirtualMemory: absent,
    openFiles: absent,
    maxFiles: absent,
    onGc: absent,
    ...known,
  };
}
