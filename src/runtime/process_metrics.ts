/**
 * The process metrics that every Prometheus client has: CPU time, memory, file
 * descriptors, start time.
 *
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/,
 * "Process metrics". The names of the conventions:
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 */
import { type MetricNames, systemClock } from "../base/mod.ts";
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
import { checkNames, type Reading, reading, sourceOf } from "./source.ts";

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
 * Returns a source of the standard process metrics, and of the number of
 * objects that the event loop waits for, where the runtime reports it. `info`
 * is the process to report. Default: this process. Under `names` of the
 * conventions, families without a counterpart keep their names. Default: those
 * of Prometheus clients.
 *
 * @throws {TypeError} If `info` does not describe a process, or `names` is wrong.
 */
export function processMetrics(
  info: ProcessInfo = processInfo(),
  names: MetricNames = "prometheus",
): Source {
  checkInfo(info);
  checkNames(names);
  const start = info.startTime(); // read once: the system clock may be set later
  const cpu = (
    part: string,
    help: string,
    read: (facts: Facts) => number | undefined,
  ): Reading<Facts> =>
    reading<Facts>({
      name: `process_cpu_${part}seconds_total`,
      type: "counter",
      help: `Processor time${help}.`,
      unit: "seconds",
      // The convention has the time in parts only.
      only: info.cpu && "prometheus",
    }, read);
  const gauge = (
    name: string,
    help: string,
    read: (facts: Facts) => number | undefined,
    only?: MetricNames,
  ): Reading<Facts> => {
    const unit = /_(bytes|seconds)$/.exec(name)?.[1];
    return reading<Facts>({
      name: `process_${name}`,
      type: "gauge",
      help,
      only,
      ...unit !== undefined && { unit },
    }, read);
  };
  const either = (
    own: string,
    conventional: string,
    ...rest: [help: string, read: (facts: Facts) => number | undefined]
  ): readonly Reading<Facts>[] => [
    gauge(own, ...rest, "prometheus"),
    gauge(conventional, ...rest, "semconv"),
  ];
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
      ...info.cpu === undefined ? [] : [
        reading<Facts>({
          name: "process_cpu_time_seconds_total",
          type: "counter",
          help: "Processor time by mode.",
          unit: "seconds",
          label: "cpu_mode",
          only: "semconv",
        }, ({ cpu }) => cpu && [["user", cpu.user], ["system", cpu.system]]),
      ],
      ...either(
        "resident_memory_bytes",
        "memory_usage_bytes",
        "Memory of the process that is resident.",
        (facts) => facts.memory?.resident,
      ),
      ...either(
        "virtual_memory_bytes",
        "memory_virtual_bytes",
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
      ...either(
        "open_fds",
        "unix_file_descriptor_count",
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
        "prometheus",
      ),
      gauge(
        "uptime_seconds",
        "Time since the process began.",
        () => start && Math.max(0, systemClock.unix() - start),
        "semconv",
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
    names,
    () => start ?? 0,
  );
}

function activeReadings(runtime: string): Reading<Facts>[] {
  const kinds: readonly ActiveKind[] = ["resources", "handles", "requests"];
  const own = kinds.flatMap((kind) => {
    const only = kind === "resources" ? "prometheus" : undefined;
    return [
      reading<Facts>({
        name: `${runtime}_active_${kind}`,
        type: "gauge",
        help: `Number of ${kind} that the event loop waits for, by type.`,
        label: "type",
        only,
      }, ({ active }) => active[kind]),
      reading<Facts>({
        name: `${runtime}_active_${kind}_total`,
        type: "gauge", // the name is the one that dashboards query
        help: `Number of ${kind} that the event loop waits for.`,
        only,
      }, ({ active: { [kind]: counts } }) => counts && totalOf(counts)),
    ];
  });
  return [
    ...own,
    reading<Facts>({
      name: "v8js_resource_active",
      type: "gauge",
      help: "Number of resources that the event loop waits for, by type.",
      label: "v8js_resource_type",
      only: "semconv",
    }, ({ active }) => active.resources),
  ];
}

function totalOf(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
