/**
 * Metrics of the process and its runtime.
 *
 * ```ts
 * import { createRegistry } from "@barograph/barograph";
 * import { processMetrics } from "@barograph/barograph/runtime";
 *
 * createRegistry().add(processMetrics());
 * ```
 *
 * @module
 */
export type {
  Cancel,
  Clock,
  MetricNames,
  TimerOptions,
  Timers,
} from "../base/mod.ts";
export type {
  ActiveKind,
  DelayMonitor,
  DelayStats,
  HeapSpace,
  LoopTime,
  MappedMemory,
  ProcessCpu,
  ProcessInfo,
  ProcessMemory,
} from "../platform/mod.ts";
export { buildInfo } from "./build_info.ts";
export { eventLoopDelay, type EventLoopOptions } from "./event_loop.ts";
export { gcMetrics } from "./gc.ts";
export { memoryMetrics } from "./memory.ts";
export { processMetrics } from "./process_metrics.ts";
export {
  runtimeMetrics,
  type RuntimeOptions,
  type RuntimePart,
} from "./runtime_metrics.ts";
