/** The rule of options and arguments that describe a process. */
import { type OptionRule, withMethods, wrongOption } from "../base/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";

const ADVICE =
  "the facts of a process (ProcessInfo), or nothing for this process";

const OPTIONAL = /* @__PURE__ */ withMethods<ProcessInfo | undefined>(
  ["cpu", "mapped", "heapSpaces", "monitorDelays", "loopTime", "active"],
  ADVICE,
  undefined,
  true,
);

const REQUIRED: OptionRule<ProcessInfo | undefined> =
  /* @__PURE__ */ withMethods<ProcessInfo>(
    [
      "version",
      "startTime",
      "cpuSeconds",
      "memory",
      "virtualMemory",
      "maxVirtualMemory",
      "openFiles",
      "maxFiles",
      "onGc",
    ],
    ADVICE,
  );

/** Facts about a process. No default: this process is read at first use. */
export const PROCESS_INFO: OptionRule<ProcessInfo | undefined> = {
  ...REQUIRED,
  accepts: (value) => REQUIRED.accepts(value) && OPTIONAL.accepts(value),
};

/** @throws {TypeError} If `info` does not describe a process. */
export function checkInfo(info: ProcessInfo): void {
  if (PROCESS_INFO.accepts(info)) return;
  throw wrongOption("Cannot measure a process", "info", info, PROCESS_INFO);
}
