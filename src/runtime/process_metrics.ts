/**
 * The process metrics that every Prometheus client has: CPU time, memory, file
 * descriptors, start time.
 *
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/,
 * "Process metrics".
 */
import type { Source } from "../model/mod.ts";
import { processInfo } from "../platform/internal.ts";
import type { ProcessInfo } from "../platform/mod.ts";
import { checkInfo } from "./process_option.ts";
import { reading, sourceOf } from "./source.ts";

/**
 * Returns a source of the standard process metrics. `info` is the process to
 * report. Default: this process.
 *
 * @throws {TypeError} If `info` does not describe a process.
 */
export function processMetrics(info: ProcessInfo = processInfo()): Source {
  checkInfo(info);
  const start = info.startTime(); // read once: the system clock may be set later
  return sourceOf([
    reading({
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "Processor time, the program's own and the system's.",
      unit: "seconds",
    }, () => info.cpuSeconds()),
    reading({
      name: "process_resident_memory_bytes",
      type: "gauge",
      help: "Memory of the process that is resident.",
      unit: "bytes",
    }, () => info.memory()?.resident),
    reading({
      name: "process_virtual_memory_bytes",
      type: "gauge",
      help: "Virtual memory that is mapped.",
      unit: "bytes",
    }, () => info.virtualMemory()),
    reading({
      name: "process_virtual_memory_max_bytes",
      type: "gauge",
      help: "The most virtual memory that the process may have.",
      unit: "bytes",
    }, () => info.maxVirtualMemory()),
    reading({
      name: "process_open_fds",
      type: "gauge",
      help: "Files that the process has open.",
    }, () => info.openFiles()),
    reading({
      name: "process_max_fds",
      type: "gauge",
      help: "The most files that the process may have open.",
    }, () => info.maxFiles()),
    reading({
      name: "process_start_time_seconds",
      type: "gauge",
      help: "When the process began, in unix seconds.",
      unit: "seconds",
    }, () => start),
  ], () => start ?? 0);
}
