/**
 * The process, by the names that all client libraries give: processor time,
 * memory, files, start.
 *
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/,
 * "Process metrics".
 */
import type { Host } from "../platform/mod.ts";
import { thisHost } from "../platform/internal.ts";
import type { Source } from "../model/mod.ts";
import { asking, question } from "./source.ts";

/** Metrics of the process; `host` is for tests. */
export function processMetrics(host: Host = thisHost): Source {
  const start = host.startTime(); // once: the clock may be set later
  return asking([
    question({
      name: "process_cpu_seconds_total",
      type: "counter",
      help: "Processor time, the program's own and the system's.",
      unit: "seconds",
    }, () => host.cpuSeconds()),
    question({
      name: "process_resident_memory_bytes",
      type: "gauge",
      help: "Memory of the process that is resident.",
      unit: "bytes",
    }, () => host.memory()?.resident),
    question({
      name: "process_virtual_memory_bytes",
      type: "gauge",
      help: "Virtual memory that is mapped.",
      unit: "bytes",
    }, () => host.virtualMemory()),
    question({
      name: "process_virtual_memory_max_bytes",
      type: "gauge",
      help: "The most virtual memory that the process may have.",
      unit: "bytes",
    }, () => host.maxVirtualMemory()),
    question({
      name: "process_open_fds",
      type: "gauge",
      help: "Files that the process has open.",
    }, () => host.openFiles()),
    question({
      name: "process_max_fds",
      type: "gauge",
      help: "The most files that the process may have open.",
    }, () => host.maxFiles()),
    question({
      name: "process_start_time_seconds",
      type: "gauge",
      help: "When the process began, in unix seconds.",
      unit: "seconds",
    }, () => start),
  ], () => start ?? 0);
}
