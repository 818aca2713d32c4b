/**
 * The process metrics that every Prometheus client has: CPU time, memory, file
 * descriptors, start time.
 *
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/,
 * "Process metrics".
 */
import type { Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type {
  ActiveKind,
  MappedMemory,
  ProcessCpu,
  ProcessInfo,
  ProcessMemory,
} from "../platform/mod.ts";
import { checkInfo } from "./process_option.ts";
import { type Reading, reading, sourceOf } from "./source.ts";

/** Facts that several families show, at one scrape. */
interface Facts {
  readonly cpu: ProcessCpu | undefined;
  readonly memory: ProcessMemory | undefined;
  readonly mapped: MappedMemory | undefined;
  readonly active: Readonly<
    Record<ActiveKind, ReadonlyMap<string, number> | undefined>
  >;
}

/**
 * Returns a source of the standard process metrics, and of what the event loop
 * waits for where the runtime tells it. `info` is the process to report. Default:
 * this process.
 *
 * @throws {TypeError} If `info` does not describe a process.
 */
export function processMetrics(info: ProcessInfo = processInfo()): Source {
  checkInfo(info);
  const start = info.startTime(); // read once: the system clock may be set later
  const cpu = (
    part: string,
    help: string,
    read: (facts: Facts) => number | undefined,
  ): Reading<Facts> =>
    reading({
      name: `process_cpu_${part}seconds_total`,
      type: "counter",
      help: `Processor time${help}.`,
      unit: "seconds",
    }, read);
  const gauge = (
    name: string,
    help: string,
    read: (facts: Facts) => number | undefined,
  ): Reading<Facts> => {
    const unit = /_(bytes|seconds)$/.exec(name)?.[1];
    return reading({
      name: `process_${name}`,
      type: "gauge",
      help,
      ...unit !== undefined && { unit },
    }, read);
  };
  return sourceOf(
    [
      cpu("user_", " of the program itself", (facts) => facts.cpu?.user),
      cpu("system_", " of the system for it", (facts) => facts.cpu?.system),
      cpu(
        "",
        ", the program's own and the system's",
        (facts) =>
          facts.cpu ? facts.cpu.user + facts.cpu.system : info.cpuSeconds(),
      ),
      gauge(
        "resident_memory_bytes",
        "Memory of the process that is resident.",
        (facts) => facts.memory?.resident,
      ),
      gauge(
        "virtual_memory_bytes",
        "Virtual memory that is mapped.",
        ({ mapped }) => mapped ? mapped.all : info.virtualMemory(),
      ),
      gauge(
        "virtual_memory_max_bytes",
        "The most virtual memory that the process may have.",
        () => info.maxVirtualMemory(),
      ),
      gauge(
        "heap_bytes",
        "Virtual memory for data and the heap.",
        ({ mapped }) => mapped?.heap,
      ),
      gauge(
        "open_fds",
        "Files that the process has open.",
        () => info.openFiles(),
      ),
      gauge(
        "max_fds",
        "The most files that the process may have open.",
        () => info.maxFiles(),
      ),
      gauge(
        "start_time_seconds",
        "When the process began, in unix seconds.",
        () => start,
      ),
      ...info.active === undefined ? [] : activeReadings(info.runtime),
    ],
    () => ({
      cpu: info.cpu?.(),
      memory: info.memory(),
      mapped: info.mapped?.(),
      active: {
        resources: info.active?.("resources"),
        handles: info.active?.("handles"),
        requests: info.active?.("requests"),
      },
    }),
    () => start ?? 0,
  );
}

function activeReadings(runtime: string): Reading<Facts>[] {
  const kinds: readonly ActiveKind[] = ["resources", "handles", "requests"];
  return kinds.flatMap((kind) => [
    reading({
      name: `${runtime}_active_${kind}`,
      type: "gauge",
      help: `Number of ${kind} that the event loop waits for, by type.`,
      label: "type",
    }, ({ active }) => active[kind]),
    reading({
      name: `${runtime}_active_${kind}_total`,
      type: "gauge", // the name is the one that dashboards query
      help: `Number of ${kind} that the event loop waits for.`,
    }, ({ active: { [kind]: counts } }) => counts && totalOf(counts)),
  ]);
}

function totalOf(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
