/** A process that tells what a test wants. */
import type { Host } from "../../src/platform/mod.ts";

export function fakeHost(known: Partial<Host> = {}): Host {
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
    onGarbage: absent,
    ...known,
  };
}
